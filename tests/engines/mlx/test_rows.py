"""Keys and values side by side: what is written can be read back, whatever joins and leaves."""

import mlx.core as mx
import numpy as np
import pytest
from localswarm.engines.mlx.kinds import Attention, Kind, Recurrent
from localswarm.engines.mlx.rows import Rows, joined, one_row

HEADS, WIDTH = 2, 4
KINDS: list[Kind] = [Attention(), Recurrent(1), Attention(3)]


def feed(rows: Rows, numbers: list[list[int]]) -> None:
    """Tokens whose keys are their numbers; the longest says how wide the step is."""
    most = max(len(row) for row in numbers)
    padded = np.array([row + [-1] * (most - len(row)) for row in numbers], np.float32)
    new = mx.array(np.broadcast_to(padded[:, None, :, None], (len(numbers), HEADS, most, WIDTH)))
    for layer in rows.layers:
        layer.update_and_fetch(new, new + 0.5)
    for states in rows.states:
        before = states[0] if states[0] is not None else mx.zeros((len(numbers), 1))
        # Padding spoils it, as it may in a real model.
        states[0] = before + mx.array(padded.sum(1, keepdims=True))
    rows.advance([len(row) for row in numbers])


def read(rows: Rows, row: int) -> list[int]:
    keys, values = rows.cut(row, 0, rows.lengths[row])[-1]
    assert np.array_equal(np.array(keys) + 0.5, np.array(values))
    return [int(number) for number in np.array(keys)[0, 0, :, 0]]


def state_of(rows: Rows, row: int) -> int:
    """The sum of its tokens."""
    (array,) = rows.snapshot(row)[0]
    assert array is not None and array.shape == (1, 1)
    return int(np.array(array)[0, 0])


def alone(*numbers: int) -> Rows:
    rows = Rows(KINDS, [0])
    if numbers:
        feed(rows, [list(numbers)])
    return rows


def test_rows_of_any_length_are_decoded_together_and_leave() -> None:
    rows = Rows(KINDS)
    rows.join([alone(1, 2, 3), alone(4), alone()])
    feed(rows, [[5], [6, 7, 8], [9]])
    feed(rows, [[10], [], [11, 12]])
    assert [read(rows, at) for at in range(3)] == [[1, 2, 3, 5, 10], [4, 6, 7, 8], [9, 11, 12]]
    rows.leave(0)
    feed(rows, [[13], [14]])
    assert [read(rows, at) for at in range(2)] == [[4, 6, 7, 8, 13], [9, 11, 12, 14]]


def test_states_join_and_leave_with_their_rows() -> None:
    rows = Rows(KINDS)
    rows.join([alone(1, 2, 3), alone(4), alone()])
    feed(rows, [[5], [6], [7]])
    assert [state_of(rows, at) for at in range(3)] == [11, 10, 7]
    rows.leave(1)
    feed(rows, [[1], [2]])
    assert [state_of(rows, at) for at in range(2)] == [12, 9]


def test_a_row_that_takes_no_part_keeps_its_state() -> None:
    rows = Rows(KINDS)
    rows.join([alone(1), alone(2)])
    feed(rows, [[], [3, 4]])
    feed(rows, [[5], []])
    assert [state_of(rows, at) for at in range(2)] == [6, 9]


def test_a_snapshot_does_not_change_with_what_comes_later() -> None:
    rows = alone(1, 2)
    (kept,) = rows.snapshot(0)[0]
    feed(rows, [[3]])
    assert kept is not None and kept.item() == 3 and state_of(rows, 0) == 6


def test_rows_that_joined_others_hold_nothing_themselves() -> None:
    rows, one, two = Rows(KINDS), alone(1, 2, 3), alone(4)
    rows.join([one, two])
    assert all(cache.empty() for each in (one, two) for cache in each.caches)
    assert [read(rows, at) for at in range(2)] == [[1, 2, 3], [4]]


def test_a_row_goes_on_from_copies_that_others_keep() -> None:
    first = alone(1, 2, 3, 4)
    state = joined([first.cut(0, 0, 2), first.cut(0, 2, 3)])
    second = one_row(KINDS, 3, state, alone(1, 2, 3).snapshot(0))
    feed(second, [[7, 8]])
    feed(first, [[9]])
    assert (read(first, 0), read(second, 0)) == ([1, 2, 3, 4, 9], [1, 2, 3, 7, 8])
    assert (state_of(first, 0), state_of(second, 0)) == (19, 21)


def test_rows_grow_without_losing_anything() -> None:
    rows = alone(0)
    for number in range(1, 700):
        feed(rows, [[number]])
    assert read(rows, 0) == list(range(700))


def test_nothing_is_seen_before_it_was_written_or_beyond_the_window() -> None:
    rows = Rows(KINDS)
    rows.join([alone(1, 2, 3, 4), alone(5)])
    full, window = (np.array(layer.make_mask(2)) for layer in rows.layers)
    assert full[1, 0].astype(int).tolist() == [[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    assert full[0, 0].astype(int).tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]]
    assert window[0, 0].astype(int).tolist() == [[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]]


@pytest.mark.parametrize(("new", "mask"), [(1, None), (2, "causal")])
def test_a_row_alone_needs_no_mask_of_its_own(new: int, mask: str | None) -> None:
    assert alone(1, 2).layers[0].make_mask(new) == mask
