"""What repeats itself is noticed, by the shortest piece that does."""

import random

import pytest
from localswarm.engines.repetition import LONGEST, Counting, Repetition


def after(tokens: list[int]) -> Repetition:
    repetition = Repetition()
    for token in tokens:
        repetition.add(token)
    return repetition


@pytest.mark.parametrize(
    ("tokens", "least", "times", "found"),
    [
        ([], 1, 1, None),
        ([7], 1, 1, None),
        ([7] * 5, 4, 4, (1, 4)),
        ([7] * 5, 5, 1, None),
        ([9, 8, 1, 2, 3, 1, 2, 3, 1, 2, 3], 6, 2, (3, 6)),
        ([1, 2, 3, 1, 2, 3, 1, 2, 3, 4], 1, 1, None),
        ([1, 2, 3] * 3, 6, 3, None),
        ([1, 1, 2] * 8, 21, 7, (3, 21)),
        ([*range(LONGEST)] * 3, LONGEST, 2, (LONGEST, 2 * LONGEST)),
        ([*range(LONGEST + 1)] * 3, 2, 1, None),
    ],
)
def test_case(tokens: list[int], least: int, times: int, found: tuple[int, int] | None) -> None:
    assert after(tokens).found(least, times) == found


def test_the_piece_goes_on_where_it_is() -> None:
    assert after([9, 1, 2, 3, 1, 2, 3, 1]).piece(3) == [2, 3, 1]


def run(tokens: list[int], period: int) -> int:
    same = [after == before for after, before in zip(reversed(tokens), reversed(tokens[:-period]), strict=False)]
    return next((at for at, one in enumerate(same) if not one), len(same))


def test_as_a_plain_count_says() -> None:
    chance = random.Random(1)
    tokens: list[int] = []
    repetition = Repetition()
    for _ in range(400):
        token = chance.randrange(2) if chance.random() < 0.2 or len(tokens) < 3 else tokens[-3]
        tokens.append(token)
        repetition.add(token)
        counted = {period: run(tokens, period) for period in range(1, min(20, len(tokens)))}
        wanted = next((one for one in counted.items() if one[1] >= max(6, 2 * one[0])), None)
        found = repetition.found(6, 2)
        assert found == wanted or (found and found[0] >= 20)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("".join(f"_{number}" for number in range(2018, 2048)), True),
        ("".join(f"_{number}" for number in range(2048, 2018, -1)), True),
        ("".join(f"{number}:{2 * number}," for number in range(10, 40)), True),
        ("".join(f"_{number**3 % 9000 + 1000}" for number in range(30)), False),
        ("ab" * 40, False),
    ],
)
def test_counting(text: str, found: bool) -> None:
    counting = Counting(lambda token: bytes([token]))
    for token in text.encode():
        counting.add(token)
    assert (counting.found(20, 4) is not None) == found
