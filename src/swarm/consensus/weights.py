"""What a vote weighs: the strength of its model, how sure the model was, and how many others like it vote. Pure.

A voter is one model at one member. Alone it counts what it says most often; beside others what it says again adds
nothing to what it said once. Of three members or more none outweighs all the others.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Protocol

# Samples of one model are far from independent: five of them count as 1.5.
ALIKE = 0.6
# A model that is not known to be good for anything still has a voice.
LEAST_STRENGTH = 0.05
# Likelihoods of different models cannot be compared, and anybody can claim any: they only ever tip a balance.
LEAST_SURE = 0.9
MOST_SURE = 1.1
# Of three members one with more than all the others together is brought down to a little less than these, and no
# further: what it says must not fall behind only because another was less sure.
CROWD = 3
MOST_OF_OTHERS = 0.999


class Voting(Protocol):
    @property
    def member(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def strength(self) -> float: ...
    @property
    def logprob(self) -> float | None: ...


def weigh(votes: Sequence[Voting], labels: Sequence[Hashable]) -> list[float]:
    """The weight of each. Those of one label say the same."""
    said: dict[tuple[str, str], dict[Hashable, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, (vote, label) in enumerate(zip(votes, labels, strict=True)):
        said[voter(vote)][label].append(at)
    sharing = Counter(model for _, model in said)
    weights = [0.0] * len(votes)
    for (_, model), groups in said.items():
        ballots = sum(map(len, groups.values()))
        for group in groups.values():
            times = len(group) * clone(ballots)
            whole = max(_alone(votes[at]) for at in group) * (times if len(said) == 1 else min(1.0, times))
            for at in group:
                weights[at] = whole * clone(sharing[model]) / len(group)
    return _bounded([vote.member for vote in votes], weights)


def effective(votes: Sequence[Voting]) -> float:
    """As how many independent ones they count."""
    return math.fsum(count * clone(count) for count in Counter(voter(vote)[1] for vote in votes).values())


def clone(count: int) -> float:
    """What each of so many samples of one model counts."""
    return 1 / (1 + (count - 1) * ALIKE)


def sureness(logprob: float | None) -> float:
    known = likelihood(logprob)
    return (LEAST_SURE + MOST_SURE) / 2 if known is None else LEAST_SURE + (MOST_SURE - LEAST_SURE) * math.exp(known)


def likelihood(logprob: float | None) -> float | None:
    """As it can be believed."""
    return logprob if logprob is not None and -math.inf < logprob <= 0 else None


def voter(vote: Voting) -> tuple[str, str]:
    return vote.member, vote.model.casefold()


def _alone(vote: Voting) -> float:
    return max(LEAST_STRENGTH, min(1.0, vote.strength)) * sureness(vote.logprob)


def _bounded(members: Sequence[str], weights: list[float]) -> list[float]:
    names = sorted(set(members))
    if len(names) < CROWD:
        return weights
    held = {
        name: math.fsum(weight for member, weight in zip(members, weights, strict=True) if member == name)
        for name in names
    }
    most = max(names, key=lambda name: held[name])
    others = math.fsum(weight for name, weight in held.items() if name != most)
    if held[most] < others:
        return weights
    part = MOST_OF_OTHERS * others / held[most]
    return [weight * part if member == most else weight for member, weight in zip(members, weights, strict=True)]
