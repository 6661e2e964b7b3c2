"""Whether this machine can load a folder for MLX. The package is only looked for: it is the engine's to import."""

import importlib.util

PACKAGES = ("mlx", "mlx_lm")


def has_mlx() -> bool:
    return all(importlib.util.find_spec(package) for package in PACKAGES)
