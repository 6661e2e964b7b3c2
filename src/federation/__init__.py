"""Nodes that are paired find each other, and what one offers the others can use."""
