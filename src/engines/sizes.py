"""How many tokens of context and of pool an engine is opened with. Pure."""

from ..errors import ModelUnusable
from .base import EngineOptions

DEFAULT_CONTEXT = 32768
# Without a wish the pool holds this many full contexts ...
DEFAULT_CONTEXTS = 2
# ... inside this part of the memory that is free now.
MEMORY_SHARE = 0.3
LEAST_CONTEXT = 512
# llama.cpp rounds a context up to this.
CELL_STEP = 256


def sizes(options: EngineOptions, trained: int, kv_bytes: int, free_bytes: int) -> tuple[int, int]:
    """Tokens of one request, and of the pool that all of them share."""
    affordable = int(MEMORY_SHARE * free_bytes / kv_bytes) if kv_bytes else trained * DEFAULT_CONTEXTS
    context = options.context or max(LEAST_CONTEXT, min(trained, DEFAULT_CONTEXT, affordable))
    if context > trained and not options.stretch:
        raise ModelUnusable(
            f"--context {context} is more than this model was trained for ({trained} tokens). "
            f"Start with --context {trained} or less."
        )
    pool = options.pool or max(context, min(DEFAULT_CONTEXTS * context, affordable))
    return context, -(-max(pool, context) // CELL_STEP) * CELL_STEP
