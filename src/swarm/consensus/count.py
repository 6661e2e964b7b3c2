"""Who leads, by how much, and whether that can still change. Pure.

First it is counted whether to act or to talk, then, among those that talk, whether the answer is prose or one that can
be counted, then what is said. Prose is selected: that of the strongest. Nothing is ever put together out of several,
and the order in which votes came never matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...chat import Kind, Method
from .choice import confidence as by_merit
from .confidence import confidence
from .poll import Poll
from .stages import may_change
from .votes import Awaited, Vote
from .weights import effective

__all__ = ["Awaited", "Standing", "Vote", "count"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`groups` and `weights`: of each vote, in the order given; those of one group said the same, the winner's is 0.
    `decided`: whatever the others say, the winner's group stays."""

    kind: Kind | None
    method: Method
    groups: tuple[int | None, ...]
    weights: tuple[float, ...]
    winner: int | None
    runner_up: int | None
    agreement: float | None
    confidence: float | None
    decided: bool
    warnings: tuple[str, ...] = ()

    @property
    def valid(self) -> int:
        return sum(group is not None for group in self.groups)


def count(votes: Sequence[Vote], outstanding: Sequence[Awaited], quorum: int) -> Standing:
    valid = [at for at, vote in enumerate(votes) if vote.form.valid]
    warnings = _warnings(len(votes), len(valid), quorum, bool(outstanding))
    if not valid:
        nobody: tuple[None, ...] = (None,) * len(votes)
        return Standing(None, "select", nobody, (0.0,) * len(votes), None, None, None, None, False, warnings)
    counted = [votes[at] for at in valid]
    poll = Poll(counted)
    groups, weights = dict(zip(valid, poll.groups, strict=True)), dict(zip(valid, poll.weights, strict=True))
    agreement = poll.agreement if len(valid) > 1 else None
    return Standing(
        counted[poll.winner].form.kind,
        "single" if len(votes) == 1 and not outstanding else poll.method,
        tuple(groups.get(at) for at in range(len(votes))),
        tuple(weights.get(at, 0.0) for at in range(len(votes))),
        valid[poll.winner],
        None if poll.runner_up is None else valid[poll.runner_up],
        agreement,
        _confidence(counted, poll.winner, agreement),
        len(valid) >= quorum and not may_change(counted, poll.label, outstanding),
        warnings,
    )


def _confidence(votes: Sequence[Vote], winner: int, agreement: float | None) -> float | None:
    merit = votes[winner].merit
    if merit is not None:
        return by_merit(merit)
    return None if agreement is None else confidence(agreement, effective(votes))


def _warnings(asked: int, valid: int, quorum: int, waiting: bool) -> tuple[str, ...]:
    told = [f"{asked - valid} of {asked} answers had no vote."] if valid < asked else []
    if valid < quorum and not waiting:
        told.append(f"The quorum of {quorum} was not reached: {valid} had a vote.")
    return tuple(told)
