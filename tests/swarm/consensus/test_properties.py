"""What holds for every vote, however it goes."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from localswarm.swarm.consensus.count import Awaited, Vote, count
from localswarm.swarm.consensus.stages import chosen
from localswarm.swarm.consensus.votes import label
from localswarm.swarm.consensus.weights import weigh

from .answers import vote

SAID = ["17", "19", "23", "!ls", "!rm", "~one", "~two", "-cut"]
STRENGTHS = [0.0, 0.3, 0.5, 0.9, 1.0]


@st.composite
def ballots(draw: st.DrawFn, least: int = 1, said: Sequence[str] = SAID) -> list[Vote]:
    """Each member has one model; two may have the same. At most one leads."""
    models = draw(st.lists(st.sampled_from(["m", "n", "o"]), min_size=4, max_size=4))
    strengths = draw(st.lists(st.sampled_from(STRENGTHS), min_size=4, max_size=4))
    votes = []
    for _ in range(draw(st.integers(least, 7))):
        at = draw(st.integers(0, 3))
        logprob = draw(st.sampled_from([None, -0.1, -0.5, -2.0]))
        votes.append(vote(draw(st.sampled_from(said)), f"member {at}", models[at], strengths[at], logprob))
    leader = draw(st.integers(-1, len(votes) - 1))
    return [replace(one, leads=at == leader) for at, one in enumerate(votes)]


@given(ballots(), st.randoms())
def test_the_order_of_arrival_never_matters(votes: list[Vote], chance: object) -> None:
    order = list(range(len(votes)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    there, here = count([votes[at] for at in order], [], 1), count(votes, [], 1)
    assert (there.winner is None) == (here.winner is None)
    if here.winner is not None and there.winner is not None:
        assert votes[order[there.winner]] == votes[here.winner]
    assert (there.agreement, there.confidence, there.method, there.kind, there.decided) == (
        here.agreement, here.confidence, here.method, here.kind, here.decided,
    )  # fmt: skip
    assert [there.groups[order.index(at)] for at in range(len(votes))] == list(here.groups)


@given(ballots(least=2), st.data(), st.integers(1, 3))
def test_who_says_one_thing_only_turns_nothing_by_saying_it_again(
    votes: list[Vote], data: st.DataObject, times: int
) -> None:
    again = data.draw(st.sampled_from([one for one in votes if one.form.valid] or votes))
    mine = {label(one.form) for one in votes if one.member == again.member and one.form.valid}
    before = count(votes, [], 1)
    after = count([*votes, *[replace(again, leads=False)] * times], [], 1)
    if len(mine) > 1 or before.winner is None or after.winner is None:
        return
    repeated = [*votes, *[replace(again, leads=False)] * times]
    assert label(repeated[after.winner].form) == label(votes[before.winner].form)


@given(ballots())
def test_the_winner_is_one_that_was_given_and_is_valid(votes: list[Vote]) -> None:
    standing = count(votes, [], 1)
    valid = [one for one in votes if one.form.valid]
    assert (standing.winner is None) == (not valid)
    if standing.winner is not None:
        assert votes[standing.winner] in valid
        assert standing.groups[standing.winner] == 0
        assert standing.runner_up is None or standing.groups[standing.runner_up] == 1


@given(ballots())
def test_what_is_invalid_changes_nothing(votes: list[Vote]) -> None:
    valid = [one for one in votes if one.form.valid]
    with_all, without = count(votes, [], 1), count(valid, [], 1)
    if with_all.winner is not None and without.winner is not None:
        assert votes[with_all.winner] == valid[without.winner]
        assert with_all.agreement == without.agreement


@given(ballots(said=["17", "19", "!ls", "!rm", "~one"]))
def test_of_three_members_none_holds_half(votes: list[Vote]) -> None:
    weights = weigh(votes, [label(one.form) for one in votes])
    members = {one.member for one in votes}
    assert all(weight > 0 for weight in weights)
    if len(members) >= 3:
        for name in members:
            held = sum(weight for one, weight in zip(votes, weights, strict=True) if one.member == name)
            assert held < sum(weights) / 2


@settings(max_examples=300)
@given(ballots(least=2), st.integers(1, 3), st.data())
def test_what_is_decided_stays(votes: list[Vote], late: int, data: st.DataObject) -> None:
    """Whatever those say that were still out, and be it nothing."""
    early, rest = votes[:-late], votes[-late:]
    standing = count(early, [Awaited(one.member, one.model, one.strength) for one in rest], 1)
    if standing.winner is None or not standing.decided:
        return
    told = data.draw(st.lists(st.sampled_from(SAID), min_size=len(rest), max_size=len(rest)))
    said = [replace(one, form=vote(words).form) for one, words in zip(rest, told, strict=True)]
    everyone = [one for one in [*early, *said] if one.form.valid]
    assert chosen(everyone)[0] == label(early[standing.winner].form)


@given(ballots(said=["17", "19", "!ls"]))
def test_agreement_is_a_share_and_all_of_it_where_all_agree(votes: list[Vote]) -> None:
    standing = count(votes, [], 1)
    if standing.agreement is not None:
        assert 0 < standing.agreement <= 1 + 1e-9
        assert (standing.agreement > 1 - 1e-9) == (len({label(one.form) for one in votes}) == 1)
        assert standing.confidence is not None
        assert 0 < standing.confidence < 1
