"""A text that is cut: its pieces become tokens apart, so that no token lies across a cut. Pure."""

from collections.abc import Sequence
from itertools import pairwise


def pieces(text: str, cuts: Sequence[int]) -> list[str]:
    """None is empty but that of an empty text."""
    places = sorted({0, len(text), *(cut for cut in cuts if 0 < cut < len(text))})
    return [text[start:end] for start, end in pairwise(places)] or [text]


def opens(text: str, bos: str) -> bool:
    """Many templates write the first token themselves; the vocabulary must not add it a second time."""
    return bool(bos) and text.startswith(bos)
