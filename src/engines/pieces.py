"""A text that is cut: its pieces become tokens apart, so that no token lies across a cut. Pure."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise


def pieces(text: str, cuts: Sequence[int]) -> list[str]:
    """None is empty but that of an empty text."""
    places = sorted({0, len(text), *(cut for cut in cuts if 0 < cut < len(text))})
    return [text[start:end] for start, end in pairwise(places)] or [text]


def before_markers(text: str, markers: Iterable[str], every: int) -> list[int]:
    """Places before each so-manieth of them: what is a token of its own is the same one behind a cut."""
    there = sorted((one for one in markers if one in text), key=len, reverse=True)
    if not there:
        return []
    found = re.finditer("|".join(map(re.escape, there)), text)
    return [one.start() for one in islice(found, every, None, every)]


def opens(text: str, bos: str) -> bool:
    """Many templates write the first token themselves; the vocabulary must not add it a second time."""
    return bool(bos) and text.startswith(bos)
