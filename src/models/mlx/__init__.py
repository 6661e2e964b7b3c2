"""Models in the form that MLX loads: a folder of JSON and safetensors. Nothing here needs MLX itself."""
