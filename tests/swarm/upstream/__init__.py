"""Servers of others as members."""
