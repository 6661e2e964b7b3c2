"""Anthropic's Messages API, as claude-code and Anthropic's own libraries speak it."""
