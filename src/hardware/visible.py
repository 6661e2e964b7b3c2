"""Which GPUs a variable such as CUDA_VISIBLE_DEVICES leaves, and in which order."""

from collections.abc import Sequence


def pick(wanted: str | None, ids: Sequence[str], indexed: int) -> list[int]:
    """Positions in `ids`, of which the first `indexed` can be named by an index too. As the vendors' runtimes do it:
    an entry is an index or the unambiguous beginning of an identifier, and the first entry that names no further GPU
    ends the list. Not set: everything that has an index; set and empty: nothing."""
    if wanted is None:
        return list(range(indexed))
    picked: list[int] = []
    for entry in wanted.split(","):
        position = _position(entry.strip(), ids, indexed)
        if position is None or position in picked:
            break
        picked.append(position)
    return picked


def _position(entry: str, ids: Sequence[str], indexed: int) -> int | None:
    if entry.isdecimal():
        return int(entry) if int(entry) < indexed else None
    fitting = [number for number, each in enumerate(ids) if entry and each.lower().startswith(entry.lower())]
    return fitting[0] if len(fitting) == 1 else None
