"""What most say, stage by stage, and whether those that are still out could change it. Pure."""

import math
from collections.abc import Hashable, Sequence
from itertools import combinations

from .forms import Form
from .votes import Awaited, Vote, label, rank, standard
from .weights import weigh

# Weights that differ by less are equal.
DIGITS = 9
# Of more it is not looked at each that may fail.
MOST_LATE = 6


def chosen(votes: Sequence[Vote]) -> tuple[Hashable, bool]:
    """What most say, and whether as many say something else."""
    acting, _ = _most(votes, [vote.form.act for vote in votes])
    side = [vote for vote in votes if vote.form.act == acting]
    countable, _ = _most(side, [bool(vote.form.key) for vote in side])
    kept = [vote for vote in side if bool(vote.form.key) == countable]
    if countable and all(vote.merit is not None for vote in kept):
        return _best(kept)
    if countable:
        return _most(kept, [label(vote.form) for vote in kept])
    return label(min(kept, key=standard).form), False


def _best(votes: Sequence[Vote]) -> tuple[Hashable, bool]:
    """By what each is worth; votes decide between those that are worth the same."""
    best = max(_worth(vote) for vote in votes)
    good = {label(vote.form) for vote in votes if _worth(vote) == best}
    left = [vote for vote in votes if label(vote.form) in good]
    return _most(left, [label(vote.form) for vote in left])


def _worth(vote: Vote) -> float:
    return round(vote.merit or 0.0, DIGITS)


def _most(votes: Sequence[Vote], labels: Sequence[Hashable]) -> tuple[Hashable, bool]:
    weights = weigh(votes, labels)
    held = {
        name: round(math.fsum(w for w, mine in zip(weights, labels, strict=True) if mine == name), DIGITS)
        for name in set(labels)
    }
    best = {
        name: min(rank(vote) for vote, mine in zip(votes, labels, strict=True) if mine == name) for name in set(labels)
    }
    first = min(held, key=lambda name: (-held[name], best[name]))
    return first, list(held.values()).count(held[first]) > 1


def may_change(votes: Sequence[Vote], winner: Hashable, outstanding: Sequence[Awaited]) -> bool:
    """If all that are still out said, as surely as can be, one and the same other thing?"""
    if not outstanding:
        return False
    if any(vote.merit is not None for vote in votes if label(vote.form) == winner):
        # Any one may be better, whatever the others said.
        return True
    forms = {label(vote.form): vote.form for vote in votes}
    rivals = [form for name, form in forms.items() if name != winner and form.key]
    rivals += [
        Form("tool_call", True, key="\0", act=True),
        Form("short", True, key="\0"),
        Form("prose", True, soft="\0"),
    ]
    return any(
        chosen([*votes, *(Vote(rival, one.member, one.model, one.strength, 0.0, True) for one in late)])[0] != winner
        for late in _turnouts(outstanding)
        for rival in rivals
    )


def _turnouts(outstanding: Sequence[Awaited]) -> set[tuple[Awaited, ...]]:
    """Who of them may come to have a vote: one that has none makes those weigh more that have the same model."""
    if len(outstanding) > MOST_LATE:
        return {tuple(outstanding)}
    ordered = sorted(outstanding, key=lambda one: (one.member, one.model, one.strength))
    return {some for size in range(1, len(ordered) + 1) for some in combinations(ordered, size)}
