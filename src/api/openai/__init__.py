"""OpenAI's dialect of HTTP: chat completions and the list of models."""
