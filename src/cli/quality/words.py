"""The figures, for a terminal. Pure."""

from collections.abc import Sequence

from ..table import table
from .figures import Band, Difference, Share
from .row import Way
from .summary import ALL, Calibration, Cost, Figures

NAMES: dict[Way, str] = {"one": "one answer", "vote": "vote", "adaptive": "adaptive"}
NOTHING = "-"


def in_words(found: Sequence[Figures]) -> str:
    last = found[-1]
    parts = [_right(found), _gains(found), _costs(found), _sureness(found), _bands(last), verdict(last)]
    return "\n\n".join(part for part in parts if part)


def verdict(figures: Figures) -> str:
    """What a user came to know."""
    return "\n".join(f"{NAMES[way]}: {_judgement(figures.gain[way])}" for way in figures.gain)


def _judgement(gain: Difference) -> str:
    told = f"{_points(gain.value)} points against one answer ({_points(gain.low)} to {_points(gain.high)})"
    if gain.low > 0:
        return f"{told}: it pays here."
    if gain.high < 0:
        return f"{told}: it does harm here."
    return f"{told}: these questions do not tell whether it pays; ask more with --count."


def _right(found: Sequence[Figures]) -> str:
    heads = ("right", "questions", *NAMES.values(), "some candidate")
    rows = [
        (one.set, str(one.count), *(_share(one.right[way]) for way in NAMES), _share(one.possible)) for one in found
    ]
    return table(heads, rows)


def _gains(found: Sequence[Figures]) -> str:
    heads = ("against one answer, points", "vote", "p", "of the gap", "adaptive", "p", "of the gap")
    rows = [
        (one.set, *(cell for way in one.gain for cell in _gain(one.gain[way], one.closed[way]))) for one in found
    ]  # fmt: skip
    return table(heads, rows)


def _gain(gain: Difference, closed: float | None) -> tuple[str, str, str]:
    told = f"{_points(gain.value)} ({_points(gain.low)} to {_points(gain.high)})"
    return told, f"{gain.p:.2f}", NOTHING if closed is None else f"{closed:.0%}"


def _costs(found: Sequence[Figures]) -> str:
    heads = ("cost, times one answer", "vote: tokens", "seconds", "adaptive: tokens", "seconds", "votes failed")
    rows = [
        (one.set, *_cost(one.cost["vote"]), *_cost(one.cost["adaptive"]), str(one.failed or NOTHING)) for one in found
    ]
    return table(heads, rows)


def _cost(cost: Cost) -> tuple[str, str]:
    return _times(cost.tokens), _times(cost.seconds)


def _sureness(found: Sequence[Figures]) -> str:
    heads = ("AUROC of the vote's", "agreement", "confidence")
    return table(heads, [(one.set, _auroc(one.agreement), _auroc(one.confidence)) for one in found])


def _bands(figures: Figures) -> str:
    """All questions together, since those of one set are too few."""
    which = "" if figures.set == ALL else f", {figures.set}"
    scores = {"agreement": figures.agreement, "confidence": figures.confidence}
    parts = [
        table((f"{name}{which}", "questions", "right"), [_band(band) for band in score.bands if band.count])
        for name, score in scores.items()
        if score.count
    ]
    return "\n\n".join(parts)


def _band(band: Band) -> tuple[str, str, str]:
    return f"{band.low:.0%} to {band.high:.0%}", str(band.count), f"{band.right / band.count:.0%}"


def _auroc(score: Calibration) -> str:
    return NOTHING if score.auroc is None else f"{score.auroc:.2f}"


def _share(share: Share) -> str:
    return f"{share.value:.0%} ({100 * share.low:.0f} to {100 * share.high:.0f})"


def _points(part: float) -> str:
    return f"{100 * part:+.1f}"


def _times(ratio: float | None) -> str:
    return NOTHING if ratio is None else f"{ratio:.2f}"
