"""A GGUF file becomes a folder for MLX, so that a Mac without a network can serve the embedded model with MLX."""
