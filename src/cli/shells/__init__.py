"""Completion scripts, one module per shell. Pure."""
