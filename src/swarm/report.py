"""What is told of how an answer was chosen. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle

from ..chat import Ballot, Candidate, ChatRequest, Kind, Verdict
from ..errors import SwarmError
from .asked import Asked
from .consensus.count import Standing
from .consensus.forms import Form
from .continuing import Begun
from .terms import Terms, may_call

CANCELLED = "It was not waited for."
NONE_VALID = "No answer was valid; this is the first that came."


def verdict(asked: Sequence[Asked], winner: Asked, standing: Standing, terms: Terms, early: bool) -> Verdict:
    valid = [one for one in asked if one.valid]
    several = len(valid) > 1
    assert winner.form, "who wins has ended"
    return Verdict(
        winner.form.kind,
        standing.method if several else "single",
        _ballots(asked, standing),
        list(asked).index(winner),
        None if standing.runner_up is None else list(asked).index(valid[standing.runner_up]),
        standing.agreement if several else None,
        standing.confidence,
        sum(one.cancelled for one in asked),
        early,
        (*_warnings(asked, standing, terms), *_left_out(winner)),
    )


def undecided(
    request: ChatRequest, asked: Sequence[Asked], standing: Standing, error: SwarmError, early: bool
) -> Verdict:
    """No answer was given."""
    kinds = [one.form.kind for one in asked if one.form]
    return Verdict(
        standing.kind or (kinds[0] if kinds else _expected(request)),
        "none",
        _ballots(asked, standing),
        cancelled=sum(one.cancelled for one in asked),
        early_stop=early,
        warnings=(error.message,),
    )


def unfinished(poll: Verdict, error: SwarmError, model: str, seat: str, seconds: float) -> Verdict:
    """One more was to be written out of those that were polled, and ended in the middle."""
    ballot = Ballot(seat, model, False, error.message, seconds=seconds)
    return Verdict(
        poll.kind,
        "none",
        (*poll.ballots, ballot),
        cancelled=poll.cancelled,
        early_stop=poll.early_stop,
        warnings=(*poll.warnings, error.message),
    )


def alone(
    forms: Sequence[Form],
    candidates: Sequence[Candidate],
    model: str,
    seats: Sequence[str],
    seconds: float,
    begun: Sequence[tuple[str, Begun]] = (),
) -> Verdict:
    """Nobody else was asked; several candidates were asked for, and all are given. `forms`: of each. `begun`: the
    seats that wrote a part of it before this one."""
    ballots = tuple(
        Ballot(seat, model, one.valid, one.why, one.kind, None, 1.0, seconds, said.usage.completion, said.message)
        for one, said, seat in zip(forms, candidates, cycle(seats))
    )
    before = tuple(
        Ballot(other, one.choice.served.id, False, one.why, seconds=one.seconds, tokens=one.tokens)
        for other, one in begun
    )
    return Verdict(forms[0].kind, "single", (*before, *ballots), len(before))


def seams(begun: Sequence[str], last: str) -> tuple[str, ...]:
    """By their seats."""
    others = ", then by ".join(begun)
    return (f"This answer was begun by {others}, which failed; {last} went on with it.",) if begun else ()


def not_written(why: str) -> tuple[str, ...]:
    """Empty where there was nothing to write it out of."""
    return (f"No answer was written out of several: {why}",) if why else ()


def synthesis(poll: Verdict, written: Candidate, read: Form, model: str, seat: str, seconds: float) -> Verdict:
    """One more was written out of those that were polled."""
    tokens = written.usage.completion
    ballot = Ballot(seat, model, read.valid, read.why, read.kind, None, 0.0, seconds, tokens, written.message)
    ballots, won = (*poll.ballots, ballot), len(poll.ballots)
    return replace(poll, kind=read.kind, method="synth", ballots=ballots, winner=won, runner_up=poll.winner)


def line(verdict: Verdict) -> str:
    """How it was chosen, for somebody who reads a log."""
    kind = verdict.kind.replace("_", " ")
    seconds = max((one.seconds for one in verdict.ballots), default=0.0)
    return f"{kind}: {_what(verdict)} ({_who(verdict)}), {seconds:.1f} s"


def _what(verdict: Verdict) -> str:
    if verdict.won is None:
        return "no answer"
    if verdict.method == "synth":
        return f"{verdict.won.seat} wrote one out of several"
    return f"{verdict.won.seat} was chosen"


def _who(verdict: Verdict) -> str:
    """`ada, brook agree; cedar said something else; dahlia was not waited for`"""
    chosen = None if verdict.method == "synth" else verdict.won
    polled = [one for one in verdict.ballots if chosen or one is not verdict.won]
    said = {
        "agree": [one.seat for one in polled if one.valid and chosen and one.group == chosen.group],
        "said something else": [one.seat for one in polled if one.valid and chosen and one.group != chosen.group],
        "answered": [one.seat for one in polled if one.valid and not chosen],
        "gave no valid answer": [one.seat for one in polled if not one.valid and one.why != CANCELLED],
        "not waited for": [one.seat for one in polled if one.why == CANCELLED],
    }
    return "; ".join(f"{', '.join(seats)} {what}" for what, seats in said.items() if seats)


def _expected(request: ChatRequest) -> Kind:
    """Nobody said anything."""
    if may_call(request):
        return "tool_call"
    return "prose" if request.response_format is None else "json"


def _ballots(asked: Sequence[Asked], standing: Standing) -> tuple[Ballot, ...]:
    valid = [one for one in asked if one.valid]
    return tuple(_ballot(one, valid.index(one) if one in valid else None, standing) for one in asked)


def _ballot(asked: Asked, place: int | None, standing: Standing) -> Ballot:
    said, read = asked.candidate, asked.form
    return Ballot(
        asked.place.name,
        asked.place.choice.served.id,
        asked.valid,
        _why(asked),
        read.kind if read else None,
        None if place is None else standing.groups[place],
        0.0 if place is None else standing.weights[place],
        asked.seconds,
        said.usage.completion if said else asked.held.tokens,
        said.message if said else None,
    )


def _why(asked: Asked) -> str:
    if asked.cancelled:
        return CANCELLED
    if asked.error:
        return asked.error.message
    return asked.form.why if asked.form else ""


def _left_out(winner: Asked) -> list[str]:
    count = len(winner.left_out)
    return [f"{count} calls were left out that bring nothing of what was asked for."] if count else []


def _warnings(asked: Sequence[Asked], standing: Standing, terms: Terms) -> list[str]:
    """One that was asked alone is as it would be if there were no others."""
    if len(asked) == 1:
        return []
    told = [warning for warning in standing.warnings if standing.valid]
    late = sum(one.cancelled for one in asked)
    if late and standing.valid == 1 and terms.strategy != "auto":
        told.append(f"{late} others had not answered in time.")
    return told if standing.valid else [NONE_VALID]
