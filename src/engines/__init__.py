"""Engines: tokens in, tokens out. The only place that knows llama.cpp (later MLX)."""
