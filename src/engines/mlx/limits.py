"""How much memory MLX may take. On a Mac all of it is shared: what one process wires is gone for everybody."""

import mlx.core as mx
import psutil

GIB = 2**30
# Buffers that MLX keeps for reuse, beside those that hold something.
MOST_KEPT = 2 * GIB
KEPT_SHARE = 0.05  # of the machine's memory
# For the results of a step, and keys and values that are being moved.
WORK = GIB


def limit(weights: int, cache: int) -> None:
    """`cache`: bytes of keys and values, at most."""
    mx.set_cache_limit(min(MOST_KEPT, int(KEPT_SHARE * psutil.virtual_memory().total)))
    if most := recommended():
        wanted = weights + cache + WORK
        mx.set_memory_limit(min(wanted, most))
        # Wired pages are never moved out; without it macOS does that while nobody asks anything.
        mx.set_wired_limit(min(wanted, most))


def free(weights: int) -> int:
    """Bytes that keys and values could take, beside the weights that are loaded."""
    available = psutil.virtual_memory().available
    return min(available, max(0, recommended() - weights)) if recommended() else available


def recommended() -> int:
    """What Metal says that a process should take at most; 0 where there is no Metal."""
    return int(mx.device_info().get("max_recommended_working_set_size", 0)) if mx.metal.is_available() else 0


def taken() -> int:
    """Bytes in use that the system does not count as this process's."""
    return mx.get_active_memory() + mx.get_cache_memory() if mx.metal.is_available() else 0
