"""What a vote weighs."""

import math

import pytest
from localswarm.swarm.consensus.count import Vote
from localswarm.swarm.consensus.weights import clone, effective, sureness, weigh

from .answers import vote


def weights(*votes: Vote) -> list[float]:
    return weigh(votes, [one.form.key for one in votes])


@pytest.mark.parametrize(("samples", "each"), [(1, 1.0), (2, 0.625), (3, 1 / 2.2), (5, 1 / 3.4)])
def test_samples_of_one_model_count_less_each(samples: int, each: float) -> None:
    assert clone(samples) == pytest.approx(each)
    assert weights(*[vote("a", strength=1.0)] * samples) == pytest.approx([each] * samples)
    peers = [vote("a", member=str(at), model="m", strength=1.0) for at in range(samples)]
    assert weights(*peers) == pytest.approx([each] * samples)


def test_models_of_other_names_are_no_clones() -> None:
    assert weights(vote("a", "one", strength=1.0), vote("a", "two", strength=1.0)) == pytest.approx([1.0, 1.0])
    assert weights(vote("a", "one", "M"), vote("a", "two", "m"))[0] < 0.5


def test_the_stronger_weighs_more_and_the_weakest_something() -> None:
    one, two, three = weights(
        vote("a", "one", strength=0.9), vote("b", "two", strength=0.6), vote("c", "three", strength=-1.0)
    )
    assert one > two > three > 0


def test_beside_others_what_one_says_again_adds_nothing() -> None:
    once = weights(vote("a", "one"), vote("b", "two"))
    again = weights(vote("a", "one"), *[vote("b", "two")] * 4)
    assert again[0] == pytest.approx(once[0])
    assert sum(again[1:]) == pytest.approx(once[1])


def test_the_surer_of_two_that_are_the_same_speaks_for_both() -> None:
    sure, unsure = vote("a", "one", logprob=-0.1), vote("a", "one", logprob=-2.0)
    other = vote("b", "two")
    assert sum(weights(sure, unsure, other)[:2]) == pytest.approx(weights(sure, other)[0])


def test_what_one_says_most_often_weighs_most() -> None:
    most, *_, least = weights(vote("a"), vote("a"), vote("b"))
    assert most == pytest.approx(least)
    beside = weights(vote("a"), vote("a"), vote("b"), vote("c", "two"))
    assert sum(beside[:2]) > beside[2]


@pytest.mark.parametrize("strengths", [(1.0, 0.1, 0.1), (1.0, 0.3, 0.3, 0.1), (0.5, 0.5, 0.5)])
def test_of_three_members_none_holds_half(strengths: tuple[float, ...]) -> None:
    found = weights(*(vote("a", str(at), strength=strength) for at, strength in enumerate(strengths)))
    assert max(found) < sum(found) / 2
    assert found[0] == max(found)


def test_of_two_members_the_stronger_may() -> None:
    one, two = weights(vote("a", "one", strength=0.9), vote("b", "two", strength=0.3))
    assert one > 2 * two


@pytest.mark.parametrize(
    ("logprob", "factor"),
    [(None, 1.0), (0.0, 1.1), (-math.inf, 1.0), (math.nan, 1.0), (0.5, 1.0), (-1e9, 0.9), (math.log(0.5), 1.0)],
)
def test_likelihood_only_tips_a_balance(logprob: float | None, factor: float) -> None:
    assert sureness(logprob) == pytest.approx(factor)


def test_many_of_one_model_are_few() -> None:
    assert effective([vote("a")] * 5) == pytest.approx(5 / 3.4)
    assert effective([vote("a", str(at)) for at in range(5)]) == 5
