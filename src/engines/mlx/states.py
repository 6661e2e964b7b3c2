"""What one recurrent layer keeps of several sequences side by side: a state for each, whatever its length.

A state cannot be cut back, and not every model leaves it alone where a token is only padding. So a row that takes no
part in a step gets back what it had before, and rows that do take part take as many tokens as each other (rounds).
"""

from collections.abc import Iterator, Sequence

import mlx.core as mx
from mlx_lm.models.cache import ArraysCache

# The arrays of one sequence, layer by layer.
Snapshot = list[list[mx.array | None]]


class States(ArraysCache):  # some of mlx-lm's models ask for this very class
    def __init__(self, arrays: int) -> None:
        super().__init__(arrays)
        self.arrays: list[mx.array | None] = list(self.cache)  # as of the last step that counted

    def advance(self, N: int) -> None:  # mlx-lm's name
        """Models tell how many tokens they took; the engine knows."""

    def count(self, moved: Sequence[bool]) -> None:
        """The last step counts for these rows alone."""
        if not all(moved):
            rows = mx.array(list(moved))
            self.set([_chosen(rows, new, old) for new, old in zip(self.cache, self.arrays, strict=True)])
        self.arrays = list(self.cache)

    def set(self, arrays: Sequence[mx.array | None]) -> None:
        for at, array in enumerate(arrays):
            self[at] = array
        self.arrays = list(arrays)

    def copy(self, row: int) -> list[mx.array | None]:
        # Taken, not sliced: a slice would keep all rows in memory.
        return [None if one is None else mx.take(one, mx.array([row]), 0) for one in self.arrays]

    def stay(self, rows: Sequence[int]) -> None:
        """Only these."""
        kept = mx.array(list(rows)) if rows else None
        self.set([None if one is None or kept is None else mx.take(one, kept, 0) for one in self.arrays])


def side_by_side(parts: Sequence[tuple[int, States]]) -> list[mx.array | None]:
    """So many rows each; of those that read nothing yet, states of zeros."""
    return [_joined([(rows, states.arrays[at]) for rows, states in parts]) for at in range(len(parts[0][1].arrays))]


def rounds(counts: Sequence[int]) -> Iterator[list[int]]:
    """Tokens of each row, in parts of which each takes as many of every row that it takes any of."""
    left = list(counts)
    while any(left):
        width = min(count for count in left if count)
        taken = [min(count, width) for count in left]
        yield taken
        left = [count - part for count, part in zip(left, taken, strict=True)]


def _chosen(rows: mx.array, new: mx.array | None, old: mx.array | None) -> mx.array | None:
    if new is None:
        return None
    before = mx.zeros_like(new) if old is None else old
    return mx.where(rows.reshape(-1, *[1] * (new.ndim - 1)), new, before)


def _joined(parts: Sequence[tuple[int, mx.array | None]]) -> mx.array | None:
    filled = next((part for _, part in parts if part is not None), None)
    if filled is None:
        return None
    empty = [mx.zeros((rows, *filled.shape[1:]), filled.dtype) if part is None else part for rows, part in parts]
    return mx.concatenate(empty)
