"""Dialects: what differs between model families. So far: how a conversation becomes a prompt."""
