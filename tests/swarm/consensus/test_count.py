"""Who leads, by how much, and whether that can still change."""

from dataclasses import replace

import pytest
from localswarm.chat import Method
from localswarm.swarm.consensus.count import Awaited, Standing, Vote, count
from localswarm.swarm.consensus.facts import facts
from localswarm.swarm.consensus.forms import Form

from .answers import vote

LATE = Awaited("one", "one", 0.5)


def cast(*said: str, leads: int | None = 0) -> list[Vote]:
    """Samples of one model on one node."""
    return [vote(one, leads=at == leads) for at, one in enumerate(said)]


def counted(*said: str, late: int = 0, quorum: int = 1) -> Standing:
    return count(cast(*said), [LATE] * late, quorum)


@pytest.mark.parametrize(
    ("said", "winner", "runner_up", "method", "agreement"),
    [
        (["17"], 0, None, "single", None),
        (["17", "17", "19"], 0, 2, "vote", 2 / 3),
        (["19", "17", "17"], 1, 0, "vote", 2 / 3),
        (["17", "19"], 0, 1, "tie", 1 / 2),
        (["17", "19", "19", "17"], 0, 1, "tie", 1 / 2),
        (["-cut", "17", "17"], 1, None, "vote", 1.0),
        (["-cut", "17"], 1, None, "select", None),
        (["-cut", "-cut"], None, None, "select", None),
        (["!ls", "17", "17"], 1, 0, "vote", 2 / 3),
        (["!ls", "!rm", "17"], 0, 1, "tie", 1 / 3),
        (["17", "!ls", "!rm"], 1, 2, "tie", 1 / 3),
        (["!ls", "!ls", "17", "17", "17"], 2, 0, "vote", 3 / 5),
        (["17", "!ls", "!ls", "!rm", "17"], 1, 3, "vote", 2 / 5),
        (["17", "17", "~one", "~two"], 0, 2, "vote", 1 / 2),
        (["17", "~one", "~two"], 1, 0, "select", None),
        (["~one", "~two", "~three"], 0, None, "select", None),
    ],
)
def test_votes_of_one_model(
    said: list[str], winner: int | None, runner_up: int | None, method: Method, agreement: float | None
) -> None:
    standing = counted(*said)
    assert (standing.winner, standing.method) == (winner, method)
    assert standing.agreement == pytest.approx(agreement)
    if runner_up is not None or agreement == 1:
        assert standing.runner_up == runner_up


def test_nobody_wins_without_a_vote() -> None:
    assert counted() == Standing(
        None, "select", (), (), None, None, None, None, False, ("The quorum of 1 was not reached: 0 had a vote.",)
    )
    assert counted("-cut", late=1).warnings == ("1 of 1 answers had no vote.",)


def test_groups_and_weights_are_those_of_the_votes_as_given() -> None:
    standing = counted("19", "-cut", "17", "17")
    assert standing.groups == (1, None, 0, 0)
    assert standing.weights[1] == 0
    assert standing.weights[0] == standing.weights[2] > 0
    assert standing.kind == "short"
    assert standing.valid == 3


def test_more_agreement_and_more_models_are_more_sure() -> None:
    def sure(*votes: Vote) -> float:
        found = count(votes, [], 1).confidence
        assert found is not None
        return found

    same, others = [vote("17") for _ in range(5)], [vote("17", str(at)) for at in range(5)]
    assert sure(*others) > sure(*same) > sure(*same[:2]) > sure(*same[:4], vote("19")) > sure(*cast("17", "19"))
    assert sure(*others) < 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (vote("19", "one", leads=True), vote("17", "two", strength=0.5, logprob=-0.1)),
        (vote("19", "one", logprob=-0.1), vote("17", "two", logprob=-0.1, strength=0.4)),
        (vote("17", "one"), vote("19", "two")),
    ],
)
def test_ties_go_to_the_first_one_asked_then_the_likelier_then_the_stronger(first: Vote, second: Vote) -> None:
    for votes in ([first, second], [second, first]):
        standing = count(votes, [], 1)
        assert standing.winner is not None
        assert votes[standing.winner] == first or standing.method == "vote"


def test_prose_is_that_of_the_strongest() -> None:
    weak, strong = vote("~long", "one", strength=0.4, leads=True, logprob=-0.01), vote("~short", "two", strength=0.9)
    assert count([weak, strong, weak], [], 1).winner == 1
    likely = vote("~likely", "two", strength=0.9, logprob=-0.1)
    assert count([replace(likely, form=strong.form, logprob=-0.2), likely], [], 1).winner == 1


def test_of_a_group_the_one_speaks_whose_rest_most_others_have() -> None:
    def writes(soft: str, exact: bool = True) -> Form:
        return Form("tool_call", True, key="write a", soft=soft, act=True, exact=exact, said=soft)

    votes = [vote(writes("x"), leads=True), vote(writes("y")), vote(writes("y"))]
    assert count(votes, [], 1).winner == 1
    assert count(votes[:2], [], 1).winner == 0
    kindly = [vote(writes("y", exact=False), leads=True), vote(writes("y", exact=False)), vote(writes("x"))]
    assert count(kindly, [], 1).winner == 2


@pytest.mark.parametrize(
    ("said", "late", "decided"),
    [
        (["17"], 0, True),
        (["17"], 1, False),
        (["17", "17"], 1, True),
        (["17", "17"], 2, False),
        (["17", "19"], 1, False),
        (["17", "17", "17"], 2, True),
        (["17", "17", "19"], 2, False),
        (["17", "17", "17", "19"], 1, True),
        (["!ls", "!ls"], 1, True),
        (["!ls", "!rm"], 1, False),
        (["!ls", "!ls", "17", "17"], 1, False),
        (["~one"], 1, False),
        (["~one", "~two"], 0, True),
        (["-cut"], 0, False),
        ([], 0, False),
    ],
)
def test_decided_when_nobody_who_is_out_can_change_it(said: list[str], late: int, decided: bool) -> None:
    assert counted(*said, late=late).decided is decided


def test_a_strong_one_that_is_still_out_can_turn_it() -> None:
    votes = [vote("17", "one", strength=0.3), vote("17", "two", strength=0.3)]
    assert not count(votes, [Awaited("three", "three", 1.0)] * 2 + [Awaited("four", "four", 1.0)], 1).decided
    assert count(votes, [Awaited("three", "three", 0.2)], 1).decided


def test_without_a_quorum_nothing_is_decided() -> None:
    assert counted("17", "17", quorum=2).decided
    short = counted("17", "-cut", quorum=2)
    assert not short.decided
    assert short.winner == 0
    assert short.warnings == ("1 of 2 answers had no vote.", "The quorum of 2 was not reached: 1 had a vote.")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("It takes 17 days.", "17 days are needed.", True),
        ("It takes 17 days.", "It takes 19 days.", False),
        ("It exists.", "It does not exist.", False),
        ("It doesn't exist.", "It does not exist.", True),
        ("1,000 of them", "them, 1000.0 of", True),
    ],
)
def test_numbers_and_negations_of_a_text(one: str, other: str, same: bool) -> None:
    assert (facts(one) == facts(other)) is same
