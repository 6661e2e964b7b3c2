"""A further call is begun only where one as long as the last would fit."""

import pytest
from localswarm.engines.room import Room


def told(limit: int, whole: list[int], end: int) -> int | None:
    """After which token it says that there is no room."""
    room = Room(limit)
    for written in range(1, end + 1):
        room.look(written, written in whole)
        if room.none:
            return written
    return None


@pytest.mark.parametrize(
    ("limit", "whole", "after"),
    [
        (100, [40, 80], 80),  # another 40 do not fit into 20
        (120, [40, 80], None),  # they just do
        (100, [60], None),  # what came first may have been words
        (100, [10, 20, 30, 75], 75),
        (100, [60, *range(61, 101)], None),  # words, which can end anywhere
    ],
)
def test_the_last_one_is_the_measure(limit: int, whole: list[int], after: int | None) -> None:
    assert told(limit, whole, limit) == after
