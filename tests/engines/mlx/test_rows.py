"""Keys and values side by side: what is written can be read back, whatever joins and leaves."""

import mlx.core as mx
import numpy as np
import pytest
from localswarm.engines.mlx.rows import Rows, joined, one_row

HEADS, WIDTH = 2, 4


def feed(rows: Rows, numbers: list[list[int]]) -> None:
    """Tokens whose keys are their numbers; the longest says how wide the step is."""
    most = max(len(row) for row in numbers)
    padded = np.array([row + [-1] * (most - len(row)) for row in numbers], np.float32)
    new = mx.array(np.broadcast_to(padded[:, None, :, None], (len(numbers), HEADS, most, WIDTH)))
    for layer in rows.layers:
        layer.update_and_fetch(new, new + 0.5)
    rows.advance([len(row) for row in numbers])


def read(rows: Rows, row: int) -> list[int]:
    keys, values = rows.cut(row, 0, rows.lengths[row])[-1]
    assert np.array_equal(np.array(keys) + 0.5, np.array(values))
    return [int(number) for number in np.array(keys)[0, 0, :, 0]]


def alone(*numbers: int) -> Rows:
    rows = Rows([0, 3], [0])
    if numbers:
        feed(rows, [list(numbers)])
    return rows


def test_rows_of_any_length_are_decoded_together_and_leave() -> None:
    rows = Rows([0, 3])
    rows.join([alone(1, 2, 3), alone(4), alone()])
    feed(rows, [[5], [6, 7, 8], [9]])
    feed(rows, [[10], [], [11, 12]])
    assert [read(rows, at) for at in range(3)] == [[1, 2, 3, 5, 10], [4, 6, 7, 8], [9, 11, 12]]
    rows.leave(0)
    feed(rows, [[13], [14]])
    assert [read(rows, at) for at in range(2)] == [[4, 6, 7, 8, 13], [9, 11, 12, 14]]


def test_rows_that_joined_others_hold_nothing_themselves() -> None:
    rows, one, two = Rows([0, 3]), alone(1, 2, 3), alone(4)
    rows.join([one, two])
    assert all(layer.empty() for each in (one, two) for layer in each.layers)
    assert [read(rows, at) for at in range(2)] == [[1, 2, 3], [4]]


def test_a_row_goes_on_from_copies_that_others_keep() -> None:
    first = alone(1, 2, 3, 4)
    state = joined([first.cut(0, 0, 2), first.cut(0, 2, 3)])
    second = one_row([0, 3], state)
    feed(second, [[7, 8]])
    feed(first, [[9]])
    assert (read(first, 0), read(second, 0)) == ([1, 2, 3, 4, 9], [1, 2, 3, 7, 8])


def test_rows_grow_without_losing_anything() -> None:
    rows = alone(0)
    for number in range(1, 700):
        feed(rows, [[number]])
    assert read(rows, 0) == list(range(700))


def test_nothing_is_seen_before_it_was_written_or_beyond_the_window() -> None:
    rows = Rows([0, 3])
    rows.join([alone(1, 2, 3, 4), alone(5)])
    full, window = (np.array(layer.make_mask(2)) for layer in rows.layers)
    assert full[1, 0].astype(int).tolist() == [[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    assert full[0, 0].astype(int).tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]]
    assert window[0, 0].astype(int).tolist() == [[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]]


@pytest.mark.parametrize(("new", "mask"), [(1, None), (2, "causal")])
def test_a_row_alone_needs_no_mask_of_its_own(new: int, mask: str | None) -> None:
    assert alone(1, 2).layers[0].make_mask(new) == mask
