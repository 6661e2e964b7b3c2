"""In which formats this machine is served models, the best one first. Pure."""

from ..errors import ModelUnusable
from ..hardware.machine import Hardware
from ..settings import Engine
from .card import Format
from .fit.fit import Wish

NO_MLX = "MLX is not installed here: it comes with Local Swarm on Macs with Apple Silicon."


def formats(engine: Engine, hardware: Hardware, mlx: bool, wish: Wish) -> tuple[Format, ...]:
    """`mlx`: it is installed. With it a GGUF file is what is left where there is no folder: converted where MLX was
    asked for, as it is otherwise."""
    if engine == "mlx":
        if not mlx:
            raise ModelUnusable(f"--engine mlx: {NO_MLX}")
        return ("mlx", "gguf")
    metal = any(device.kind == "metal" for device in hardware.devices)
    # Only llama.cpp quantises keys and values, and leaves layers to the processor.
    only_llama_cpp = wish.kv not in (None, "f16") or wish.gpu_layers is not None
    return ("mlx", "gguf") if engine == "auto" and mlx and metal and not only_llama_cpp else ("gguf",)
