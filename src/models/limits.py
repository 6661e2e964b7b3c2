"""What everybody who asks a model has to know about how it runs. Pure."""

from collections.abc import Iterator

from .fit.fit import FLOOR, Wish
from .fit.speed import Speed


def limits(context: int, trained: int, wish: Wish, speed: Speed) -> Iterator[str]:
    """`context`: what it was really loaded with."""
    if 0 < trained < context:
        yield f"{context} tokens of context are more than the {trained} that this model was trained for."
    elif context < FLOOR[wish.use]:
        why = _why_short(context, trained, wish)
        yield f"The context of {context} tokens is below the {FLOOR[wish.use]} that {wish.use} wants: {why}."
    if not speed.usable:
        yield f"This will be slow: about {speed.writing:.1f} tokens/s written, {speed.reading:.0f} read."


def _why_short(context: int, trained: int, wish: Wish) -> str:
    if wish.context:
        return "no more was asked for"
    return "this model was trained for no more" if context == trained else "there is not enough memory for more"
