"""What a member is believed to be good for, after what was heard of it."""

from dataclasses import replace

import pytest
from localswarm.swarm.estimate import Load, expected
from localswarm.swarm.figures import (
    HALF_LIFE,
    Figures,
    Heard,
    Lengths,
    Speeds,
    crowd,
    weighted_median,
)

EXPECTED = Speeds(100.0, 10.0, 0.05)
# 1000 tokens read in two seconds, 80 written in four.
USUAL = Heard(first=2.05, after=4.0, read=1000, written=80)


@pytest.mark.parametrize(
    ("weighed", "median"),
    [
        ([(5.0, 1.0)], 5.0),
        ([(1.0, 1.0), (3.0, 1.0)], 2.0),
        ([(1.0, 1.0), (9.0, 1.0), (3.0, 1.0)], 3.0),
        ([(1.0, 0.1), (9.0, 1.0), (3.0, 0.1)], 9.0),
        ([(1.0, 5.0), (9.0, 1.0), (3.0, 1.0)], 1.0),
    ],
)
def test_weighted_median(weighed: list[tuple[float, float]], median: float) -> None:
    assert weighted_median(weighed) == median


def told(*heard: Heard, at: float = 0.0) -> Speeds:
    figures = Figures()
    for one in heard:
        figures.hear(0.0, one, EXPECTED)
    return figures.speeds(at, EXPECTED)


def test_without_figures_what_is_expected_counts() -> None:
    assert told() == EXPECTED


def test_a_few_answers_tell_its_speed() -> None:
    speeds = told(USUAL, USUAL)
    assert speeds.reading == pytest.approx(500, rel=0.05) and speeds.writing == pytest.approx(20)


def test_one_odd_answer_changes_nothing() -> None:
    odd = replace(USUAL, first=60.0, after=600.0)
    assert told(USUAL, USUAL, USUAL, odd, USUAL) == told(USUAL, USUAL, USUAL, USUAL)


def test_old_figures_fade_to_what_is_expected() -> None:
    assert told(*[USUAL] * 8, at=HALF_LIFE).writing == pytest.approx(20)
    assert told(*[USUAL] * 8, at=6 * HALF_LIFE) == told()


@pytest.mark.parametrize(
    "heard",
    [
        Heard(first=0.3, after=0.0, read=10, written=3),
        Heard(first=30.0, after=0.1, read=2000, written=5, queued=True),
        Heard(first=9.0, after=0.001, read=10, written=200, before=5000),
    ],
)
def test_what_says_little_is_not_believed(heard: Heard) -> None:
    speeds = told(heard, heard, heard)
    assert (speeds.reading, speeds.writing) == (100.0, 10.0)


def test_others_beside_it_are_reckoned_with() -> None:
    crowded = replace(USUAL, after=4.0 * crowd(3), before=3000, first=8.05, beside=3)
    assert told(crowded, crowded).writing == pytest.approx(20)
    assert told(crowded, crowded).reading == pytest.approx(500, rel=0.05)


def test_answers_with_tools_on_offer_are_counted_apart() -> None:
    lengths = Lengths()
    for _ in range(3):
        lengths.add(0.0, True, 40)
    assert (lengths.expected(0.0, True, None), lengths.expected(0.0, False, None)) == (40, 200)
    assert lengths.expected(0.0, False, 16) == 16


SPEEDS = Speeds(100.0, 10.0, 0.5)


def test_expected_alone_and_behind_others() -> None:
    alone = expected(SPEEDS, Load(0, 4), 200, 0, 50)
    assert (alone.first, alone.end, alone.free) == (2.5, 7.5, True)
    reading = expected(SPEEDS, Load(2, 4, reading=300), 200, 0, 50)
    assert reading.first == 5.5 and reading.end == pytest.approx(5.5 + 5 * crowd(2))


def test_expected_where_a_seat_must_be_waited_for() -> None:
    """The one that is furthest ends first."""
    nearly, fresh = (Load(2, 2, written=written) for written in ((45.0, 10.0), (0.0, 0.0)))
    one, other = (expected(SPEEDS, load, 0, 0, 50) for load in (nearly, fresh))
    assert not one.free and one.first == pytest.approx(0.5 + 0.5 * crowd(1))
    assert other.first == pytest.approx(0.5 + 5 * crowd(1))
    longer = expected(SPEEDS, Load(5, 2, written=(45.0, 10.0)), 0, 0, 50)
    assert longer.first > one.first + 4
    assert expected(SPEEDS, Load(2, 2), 0, 0, 50).first == pytest.approx(0.5 + 2.5 * crowd(1))
