"""LM Studio's lists of models: where opencode and others look for limits and abilities."""
