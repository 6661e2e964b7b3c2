"""Ollama's own API: what its libraries and the many programs that know Ollama speak."""
