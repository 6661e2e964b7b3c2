"""What valid votes come to: the groups that they fall into, and who speaks for each. Pure."""

import math
from collections.abc import Hashable, Sequence

from ...chat import Method
from .stages import DIGITS, chosen
from .votes import Vote, label, rank
from .weights import weigh


class Poll:
    """What valid votes, at least one, come to."""

    def __init__(self, votes: Sequence[Vote]) -> None:
        self._votes = votes
        self._labels = [label(vote.form) for vote in votes]
        self.label, self._tied = chosen(votes)
        self.weights = weigh(votes, self._labels)
        self._order = self._ordered()
        self.winner = self._speaker(self.label)
        self.runner_up = self._speaker(self._order[1]) if len(self._order) > 1 else None

    @property
    def method(self) -> Method:
        if len(self._votes) == 1 or not self._votes[self.winner].form.key:
            return "select"
        if self._tied:
            return "tie"
        most = max(self._held(label) for label in self._order)
        return "vote" if round(self._held(self.label), DIGITS) >= round(most, DIGITS) > self._alone else "select"

    @property
    def _alone(self) -> float:
        """Of a vote that nobody else agrees with, where others say something else."""
        return max(self.weights) if len(self._order) == len(self._votes) else 0.0

    @property
    def groups(self) -> list[int]:
        return [self._order.index(label) for label in self._labels]

    @property
    def agreement(self) -> float | None:
        """None for prose: nothing can tell whether two texts say the same."""
        said = self._votes[self.winner].form
        return self._held(self.label) / math.fsum(self.weights) if said.key else None

    def _ordered(self) -> list[Hashable]:
        """All that was said: the winner, then what was said on its side, then by weight."""
        best = {name: min(rank(self._votes[at]) for at in self._of(name)) for name in set(self._labels)}
        side = self._side(self.label)
        return sorted(
            best,
            key=lambda name: (
                name != self.label,
                self._side(name) != side,
                -round(self._held(name), DIGITS),
                best[name],
            ),
        )

    def _speaker(self, name: Hashable) -> int:
        """Of those that say the same the one whose rest, such as the content of a file, most others have too."""
        group = self._of(name)
        return min(
            group,
            key=lambda at: (
                not self._votes[at].form.exact,
                -(self._votes[at].merit or 0.0),
                -self._shared(at, group),
                rank(self._votes[at]),
            ),
        )

    def _shared(self, at: int, group: Sequence[int]) -> float:
        mine = self._votes[at].form.soft
        if len({self._votes[other].form.soft for other in group}) == 1:
            return 0.0
        same = [self.weights[other] for other in group if self._votes[other].form.soft == mine]
        return round(math.fsum(same), DIGITS)

    def _of(self, name: Hashable) -> list[int]:
        return [at for at, mine in enumerate(self._labels) if mine == name]

    def _held(self, name: Hashable) -> float:
        return math.fsum(self.weights[at] for at in self._of(name))

    def _side(self, name: Hashable) -> bool:
        return self._votes[self._of(name)[0]].form.act
