"""Rows take parts of a step together only as many tokens as each other."""

import pytest
from localswarm.engines.mlx.states import rounds


@pytest.mark.parametrize(
    ("counts", "parts"),
    [
        ([1, 1, 1], [[1, 1, 1]]),
        ([1, 5, 0], [[1, 1, 0], [0, 4, 0]]),
        ([2, 3, 5], [[2, 2, 2], [0, 1, 1], [0, 0, 2]]),
        ([0, 0], []),
    ],
)
def test_rounds(counts: list[int], parts: list[list[int]]) -> None:
    assert list(rounds(counts)) == parts
