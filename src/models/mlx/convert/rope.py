"""How positions are stretched beyond what a model was first trained for. Pure."""

from math import isclose, pi
from typing import Any

from ....errors import ModelUnusable

BASE = 10000.0
# The only ones that Llama 3.1 and later were ever published with; GGUF keeps what follows from them.
LOW, HIGH, ORIGINAL = 1.0, 4.0, 8192
NEAR = 1e-3


def scaling(kind: Any, factor: Any, model: str) -> dict[str, Any] | None:
    if kind in (None, "none"):
        return None
    if kind == "linear" and isinstance(factor, int | float) and factor > 0:
        return {"type": "linear", "factor": float(factor)}
    raise ModelUnusable(
        f"{model} cannot be converted for MLX: its positions are scaled by '{kind}', and only 'linear' is known. "
        "Take an MLX folder of this model, or --engine llamacpp."
    )


def llama3(factors: tuple[float, ...], base: float, head: int, model: str) -> dict[str, Any] | None:
    """One factor for each pair of a head: the largest is that of the lowest frequencies."""
    if not factors or all(factor == 1.0 for factor in factors):
        return None
    expected = [_factor(base ** (2 * pair / head), max(factors)) for pair in range(head // 2)]
    if len(factors) != len(expected) or not all(map(_near, factors, expected)):
        raise ModelUnusable(f"{model} cannot be converted for MLX: its rotary factors are not those of Llama 3.")
    return {
        "rope_type": "llama3",
        "factor": max(factors),
        "low_freq_factor": LOW,
        "high_freq_factor": HIGH,
        "original_max_position_embeddings": ORIGINAL,
    }


def _factor(turn: float, factor: float) -> float:
    """`turn`: tokens to a turn, divided by 2 pi."""
    length = 2 * pi * turn
    if length < ORIGINAL / HIGH:
        return 1.0
    if length > ORIGINAL / LOW:
        return factor
    smooth = (ORIGINAL / length - LOW) / (HIGH - LOW)
    return 1 / ((1 - smooth) / factor + smooth)


def _near(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=NEAR)
