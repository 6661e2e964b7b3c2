"""Statistics, against values that are known and laws that hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.cli.quality.figures import auroc, bands, closed, difference, mcnemar, share

pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)
scored = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]), st.booleans()), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilson(right: int, count: int, low: float, high: float) -> None:
    """Newcombe (1998), "Two-sided confidence intervals for the single proportion"; the last two by the formula."""
    found = share(right, count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(0, 200), st.integers(1, 200))
def test_a_share_lies_in_its_interval(right: int, more: int) -> None:
    found = share(right, right + more)
    assert 0 <= found.low <= found.value <= found.high <= 1 and found.low < found.high


def test_newcombe() -> None:
    """His examples: both right, only the first, only the second, neither."""
    examples = [((36, 2, 12, 0), 0.0569, 0.3404), ((54, 0, 0, 0), -0.0664, 0.0664)]
    for (both, worse, better, neither), low, high in examples:
        first = [True] * (both + worse) + [False] * (better + neither)
        second = [True] * both + [False] * worse + [True] * better + [False] * neither
        found = difference(first, second)
        assert (found.better, found.worse) == (better, worse)
        assert (found.low, found.high) == pytest.approx((low, high), abs=6e-4)


@given(pairs)
def test_the_other_way_round_it_is_the_opposite(some: list[tuple[bool, bool]]) -> None:
    first, second = [a for a, _ in some], [b for _, b in some]
    there, back = difference(first, second), difference(second, first)
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.low <= there.value <= there.high and there.low < there.high
    assert there.p == back.p


def test_the_interval_holds_what_it_promises() -> None:
    """Of 400 draws some 95 % must contain the true difference of 0.15."""
    chance = random.Random(4)
    hits = 0
    for _ in range(400):
        drawn = chance.choices([(True, True), (False, True), (True, False), (False, False)], (35, 25, 10, 30), k=40)
        found = difference([a for a, _ in drawn], [b for _, b in drawn])
        hits += found.low <= 0.15 <= found.high
    assert 0.92 <= hits / 400 <= 0.99


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1.0), (5, 5, 1.0), (1, 0, 1.0), (6, 0, 0.03125), (10, 2, 0.0386), (2, 10, 0.0386)]
)
def test_mcnemar(better: int, worse: int, p: float) -> None:
    assert mcnemar(better, worse) == pytest.approx(p, abs=1e-4)


def test_auroc() -> None:
    assert auroc([0.9, 0.8, 0.3], [True, True, False]) == 1
    assert auroc([0.1, 0.9], [True, False]) == 0
    assert auroc([0.5, 0.5, 0.5], [True, False, False]) == 0.5
    assert auroc([0.9, 0.6, 0.4, 0.2], [True, False, True, False]) == 0.75
    assert auroc([0.4], [True]) is None and auroc([], []) is None


@given(scored)
def test_the_opposite_score_predicts_the_opposite(some: list[tuple[float, bool]]) -> None:
    scores, right = [score for score, _ in some], [fine for _, fine in some]
    there, back = auroc(scores, right), auroc([-score for score in scores], right)
    assert (there is None) == (back is None) == (len(set(right)) < 2)
    assert there is None or back is None or there + back == pytest.approx(1)


@given(scored)
def test_each_answer_is_in_one_band(some: list[tuple[float, bool]]) -> None:
    found = bands([score for score, _ in some], [fine for _, fine in some], [0, 0.2, 0.5, 1])
    assert sum(band.count for band in found) == len(some)
    assert sum(band.right for band in found) == sum(fine for _, fine in some)


def test_what_lies_on_an_edge_belongs_below_it() -> None:
    assert [band.count for band in bands([0, 0.2, 0.21, 1], [True] * 4, [0, 0.2, 1])] == [2, 2]


def test_closed() -> None:
    assert closed(0.3, 0.4, 0.5) == pytest.approx(0.5)
    assert closed(0.3, 0.2, 0.5) == pytest.approx(-0.5)
    assert closed(0.5, 0.5, 0.5) is None
