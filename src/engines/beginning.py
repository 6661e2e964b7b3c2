"""How much two prompts have in common at their beginning. Pure."""

from collections.abc import Sequence


def common_length(a: Sequence[int], b: Sequence[int]) -> int:
    size = min(len(a), len(b))
    if a[:size] == b[:size]:
        return size
    low = 0
    while size - low > 1:
        middle = (low + size) // 2
        low, size = (middle, size) if a[low:middle] == b[low:middle] else (low, middle)
    return low
