"""LiteLLM in front of a node, and a node in front of LiteLLM."""
