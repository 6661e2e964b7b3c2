"""What the answers to a set of questions come to. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import figures
from .figures import Band, Difference, Share
from .row import Answer, Row, Way

ALL = "all"
# Shares of the votes; among five there are few.
EDGES = (0.0, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Cost:
    """Against one answer; None where that is nothing."""

    tokens: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well a score of the vote tells right answers from wrong ones."""

    count: int  # answers that had it
    auroc: float | None
    bands: list[Band]


@dataclass(frozen=True, slots=True)
class Figures:
    set: str
    count: int
    right: dict[Way, Share]
    gain: dict[Way, Difference]  # over one answer
    possible: Share  # some of those who voted were right
    closed: dict[Way, float | None]  # of the gap between one answer and that
    cost: dict[Way, Cost]
    agreement: Calibration
    confidence: Calibration
    failed: int  # votes without an answer, which count as wrong


def every(rows: Sequence[Row], sets: Sequence[str]) -> list[Figures]:
    """Of each set, and of all together where there are several."""
    parts = [(name, [row for row in rows if row.set == name]) for name in sets]
    found = [figures_of(name, part) for name, part in parts if part]
    return [*found, figures_of(ALL, rows)] if len(found) > 1 else found


def figures_of(name: str, rows: Sequence[Row]) -> Figures:
    by: dict[Way, list[Answer]] = {way: [row.answers[way] for row in rows] for way in ("one", "vote", "adaptive")}
    right = {way: [answer.right for answer in answers] for way, answers in by.items()}
    shares = {way: figures.share(sum(some), len(some)) for way, some in right.items()}
    others: tuple[Way, ...] = ("vote", "adaptive")
    possible = figures.share(sum(answer.some_right for answer in by["vote"]), len(rows))
    return Figures(
        name,
        len(rows),
        shares,
        {way: figures.difference(right["one"], right[way]) for way in others},
        possible,
        {way: figures.closed(shares["one"].value, shares[way].value, possible.value) for way in others},
        {way: _cost(by["one"], by[way]) for way in others},
        _calibration(by["vote"], lambda answer: answer.agreement),
        _calibration(by["vote"], lambda answer: answer.confidence),
        sum(bool(answer.failed) for answer in by["vote"]),
    )


def _cost(one: Sequence[Answer], other: Sequence[Answer]) -> Cost:
    """An answer that failed in either way would make the other look dear or cheap."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if not a.failed and not b.failed]
    tokens = _ratio(sum(b.tokens for _, b in pairs), sum(a.tokens for a, _ in pairs))
    return Cost(tokens, _ratio(sum(b.seconds for _, b in pairs), sum(a.seconds for a, _ in pairs)))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _calibration(answers: Sequence[Answer], score: Callable[[Answer], float | None]) -> Calibration:
    pairs = [(value, answer.right) for answer in answers if (value := score(answer)) is not None]
    scores, right = [value for value, _ in pairs], [fine for _, fine in pairs]
    return Calibration(len(pairs), figures.auroc(scores, right), figures.bands(scores, right, EDGES))
