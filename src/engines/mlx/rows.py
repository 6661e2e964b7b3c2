"""Keys and values of several sequences side by side, in the form in which mlx-lm's models ask for them.

Each row begins at its left end, so that one can join, leave or take several tokens at once while the others stay where
they are. Layers with a sliding window keep everything and mask what is out of sight: what they forgot could not be
shared or cut. What recurrent layers keep lies beside it (states).
"""

from collections.abc import Sequence
from typing import Any

import mlx.core as mx

from .kinds import Attention, Kind
from .states import Snapshot, States, side_by_side

# Keys and values of one layer: (1, heads, tokens, width) each.
Pair = tuple[mx.array, mx.array]
State = list[Pair]

# Rows grow by so many tokens at a time, or by this part of what they are.
GROWTH = 256
GROWTH_PART = 8


class Layer:
    """One layer of all rows; what mlx-lm calls a cache."""

    def __init__(self, rows: "Rows", window: int) -> None:
        self._rows = rows
        self.window = window
        self.keys: mx.array | None = None
        self.values: mx.array | None = None

    @property
    def offset(self) -> int | mx.array:
        return self._rows.offset

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> Pair:
        end = self._rows.width + keys.shape[2]
        self.keys = self._write(_roomy(self.keys, keys, end), keys)
        self.values = self._write(_roomy(self.values, values, end), values)
        return self.keys[..., :end, :], self.values[..., :end, :]

    def make_mask(self, n: int, return_array: bool = False, window_size: int | None = None, **_: Any) -> Any:
        return self._rows.mask(n, window_size or self.window, return_array)

    def is_trimmable(self) -> bool:
        return False

    def empty(self) -> bool:
        return self.keys is None

    def cut(self, row: int, begin: int, end: int) -> Pair:
        assert self.keys is not None and self.values is not None
        # Taken, not sliced: a slice would keep the whole of its array in memory.
        tokens = mx.arange(begin, end)
        return mx.take(self.keys[row : row + 1], tokens, 2), mx.take(self.values[row : row + 1], tokens, 2)

    def _write(self, room: mx.array, new: mx.array) -> mx.array:
        rows = self._rows
        if rows.even:
            room[..., rows.width : rows.width + new.shape[2], :] = new
            return room
        return mx.put_along_axis(room, mx.broadcast_to(rows.places(new.shape[2]), new.shape), new, axis=2)


class Rows:
    """As many layers as the model has; all of them have read the same tokens."""

    def __init__(self, kinds: Sequence[Kind], lengths: Sequence[int] = ()) -> None:
        self.lengths = list(lengths)
        self.caches: list[Layer | States] = [
            Layer(self, kind.window) if isinstance(kind, Attention) else States(kind.arrays) for kind in kinds
        ]
        self.layers = [cache for cache in self.caches if isinstance(cache, Layer)]
        self.states = [cache for cache in self.caches if isinstance(cache, States)]
        # The layers of one step ask for the same again and again.
        self._asked: dict[object, Any] = {}

    @property
    def width(self) -> int:
        return max(self.lengths, default=0)

    @property
    def even(self) -> bool:
        return len(set(self.lengths)) <= 1

    @property
    def offset(self) -> int | mx.array:
        """Where each row goes on."""
        if "offset" not in self._asked:
            self._asked["offset"] = self.width if self.even else mx.array(self.lengths)
        offset: int | mx.array = self._asked["offset"]
        return offset

    def places(self, n: int) -> mx.array:
        """Of the next `n` tokens of each row."""
        if n not in self._asked:
            self._asked[n] = (mx.array(self.lengths)[:, None] + mx.arange(n))[:, None, :, None]
        places: mx.array = self._asked[n]
        return places

    def advance(self, counts: Sequence[int]) -> None:
        """So many of the tokens that were written last count; the rest was padding."""
        for states in self.states:
            states.count([count > 0 for count in counts])
        self.lengths = [length + count for length, count in zip(self.lengths, counts, strict=True)]
        self._forget()

    def cut(self, row: int, begin: int, end: int) -> State:
        """A copy of the keys and values of these tokens of one row."""
        state = [layer.cut(row, begin, end) for layer in self.layers]
        mx.eval(state)
        return state

    def snapshot(self, row: int) -> Snapshot:
        """A copy of the states of one row, as they are behind all of its tokens."""
        copies = [states.copy(row) for states in self.states]
        mx.eval(copies)
        return copies

    def join(self, others: Sequence["Rows"]) -> None:
        """Their rows come behind these, and leave where they were."""
        parts = [rows for rows in (self, *others) if rows.lengths]
        width = max(rows.width for rows in parts)
        for at, layer in enumerate(self.layers):
            layer.keys = _side_by_side([(len(rows.lengths), rows.layers[at].keys) for rows in parts], width)
            layer.values = _side_by_side([(len(rows.lengths), rows.layers[at].values) for rows in parts], width)
        for at, states in enumerate(self.states):
            states.set(side_by_side([(len(rows.lengths), rows.states[at]) for rows in parts]))
        self.lengths += [length for rows in others for length in rows.lengths]
        self._forget()
        for rows in others:
            rows.release()
        self.settle()

    def release(self) -> None:
        """Rows and layers know each other, so without this Python would free what they hold only some time later."""
        for layer in self.layers:
            layer.keys = layer.values = None
        for states in self.states:
            states.stay([])

    def leave(self, row: int) -> None:
        stay = [at for at in range(len(self.lengths)) if at != row]
        self.lengths = [self.lengths[at] for at in stay]
        self._forget()
        for layer in self.layers:
            assert layer.keys is not None and layer.values is not None
            layer.keys = mx.contiguous(layer.keys[stay, :, : self.width]) if stay else None
            layer.values = mx.contiguous(layer.values[stay, :, : self.width]) if stay else None
        for states in self.states:
            states.stay(stay)
        self.settle()

    def settle(self) -> None:
        """Compute what lies here, so that nothing it was made from stays in memory."""
        mx.eval([part for layer in self.layers for part in (layer.keys, layer.values) if part is not None])
        mx.eval(self.arrays)

    @property
    def arrays(self) -> list[mx.array]:
        """All that the states are made of."""
        return [array for states in self.states for array in states.arrays if array is not None]

    def mask(self, n: int, window: int, as_array: bool) -> Any:
        """What each of `n` new tokens of each row may look at."""
        key = (n, window, as_array)
        if key not in self._asked:
            self._asked[key] = self._mask(n, window, as_array)
        return self._asked[key]

    def _mask(self, n: int, window: int, as_array: bool) -> Any:
        end = self.width + n
        plain = self.even and (not window or end <= window) and not as_array
        if plain:
            return None if n == 1 else "causal"
        here = mx.arange(end)
        at = mx.arange(self.width, end)[:, None] if self.even else self.places(n)
        seen = here <= at
        return seen & (at < here + window) if window else seen

    def _forget(self) -> None:
        self._asked = {}


def one_row(kinds: Sequence[Kind], length: int, state: State, snapshot: Snapshot) -> Rows:
    """A row that begins with so many tokens, of which these are copies."""
    rows = Rows(kinds, [length])
    for layer, (keys, values) in zip(rows.layers, state, strict=True):
        layer.keys, layer.values = keys, values
    for states, arrays in zip(rows.states, snapshot, strict=True):
        states.set(arrays)
    return rows


def cut(state: State, begin: int, end: int) -> State:
    tokens = mx.arange(begin, end)
    copies = [(mx.take(keys, tokens, 2), mx.take(values, tokens, 2)) for keys, values in state]
    mx.eval(copies)
    return copies


def joined(parts: Sequence[State]) -> State:
    """States of tokens that follow each other."""
    if len(parts) == 1:
        return parts[0]
    state = [
        (mx.concatenate([keys for keys, _ in layer], axis=2), mx.concatenate([values for _, values in layer], axis=2))
        for layer in zip(*parts, strict=True)
    ]
    mx.eval(state)
    return state


def _roomy(room: mx.array | None, new: mx.array, end: int) -> mx.array:
    """With room up to this end."""
    there = 0 if room is None else room.shape[2]
    if end <= there:
        assert room is not None
        return room
    grown = end + max(GROWTH, end // GROWTH_PART) - there
    more = mx.zeros((new.shape[0], new.shape[1], grown, new.shape[3]), new.dtype)
    return more if room is None else mx.concatenate([room, more], axis=2)


def _side_by_side(parts: Sequence[tuple[int, mx.array | None]], width: int) -> mx.array | None:
    """So many rows each; of nothing, where nothing was read yet."""
    filled = next((part for _, part in parts if part is not None), None)
    if filled is None:
        return None
    empty = mx.zeros((1, filled.shape[1], 0, filled.shape[3]), filled.dtype)
    return mx.concatenate([_padded(mx.repeat(empty, rows, 0) if part is None else part, width) for rows, part in parts])


def _padded(part: mx.array, width: int) -> mx.array:
    part = part[:, :, :width]
    missing = width - part.shape[2]
    return mx.pad(part, [(0, 0), (0, 0), (0, missing), (0, 0)]) if missing else part
