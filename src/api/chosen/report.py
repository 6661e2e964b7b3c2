"""A verdict, to the wire. Pure."""

from collections.abc import Sequence
from typing import Any

from ...chat import Ballot, Message, Step, Verdict

FIELD = "swarm"
# More digits would only look as if they meant something.
DIGITS = 3
# Of what came of a call: so much says what it was, and so much is kept.
SHOWN = 300
KEPT = 2000


def report(request_id: str, verdict: Verdict, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """`winner` and `runner_up` count the ballots. Without what the ballots say: that is kept for those who ask."""
    return {
        "id": request_id,
        "kind": verdict.kind,
        "method": verdict.method,
        "requested": verdict.requested,
        "valid": verdict.valid,
        "cancelled": verdict.cancelled,
        "agreement": _rounded(verdict.agreement),
        "confidence": _rounded(verdict.confidence),
        "winner": verdict.winner,
        "runner_up": verdict.runner_up,
        "early_stop": verdict.early_stop,
        "warnings": list(dict.fromkeys((*warnings, *verdict.warnings))),
        "ballots": [_ballot(ballot) for ballot in verdict.ballots],
    }


def whole(request_id: str, verdict: Verdict, taken: Sequence[Step] = ()) -> dict[str, Any]:
    """With what each of them said, as far as it is known."""
    ballots = [_ballot(ballot) | {"message": _message(ballot.message)} for ballot in verdict.ballots]
    return report(request_id, verdict) | {"ballots": ballots} | steps(taken, KEPT)


def steps(taken: Sequence[Step], most: int = SHOWN) -> dict[str, Any]:
    """Absent where the model used no tools of the tool host."""
    return {"steps": [step(one, most) for one in taken]} if taken else {}


def step(taken: Step, most: int = SHOWN) -> dict[str, Any]:
    """With the first `most` characters of what came of the call. The id is that of the tool host's log."""
    outcome = taken.outcome
    return {
        "round": taken.round,
        "id": taken.call.id,
        "tool": taken.call.name,
        "arguments": taken.call.arguments[:KEPT],
        "state": outcome.state,
        "seconds": round(outcome.seconds, DIGITS),
        "content": outcome.content[:most],
    }


def brief(verdict: Verdict) -> dict[str, Any]:
    """`seat`: who wrote the answer; empty where none was given."""
    return {
        "kind": verdict.kind,
        "method": verdict.method,
        "requested": verdict.requested,
        "valid": verdict.valid,
        "agreement": _rounded(verdict.agreement),
        "seat": verdict.won.seat if verdict.won else "",
    }


def request_header(request_id: str) -> dict[str, str]:
    """Under this id the whole of it is found."""
    return {"X-Swarm-Request": request_id}


def headers(verdict: Verdict) -> dict[str, str]:
    found = {
        "X-Swarm-Kind": verdict.kind,
        "X-Swarm-Method": verdict.method,
        "X-Swarm-Votes": f"{verdict.valid}/{verdict.requested}",
    }
    return found | ({} if verdict.agreement is None else {"X-Swarm-Agreement": f"{verdict.agreement:.{DIGITS}f}"})


def _ballot(ballot: Ballot) -> dict[str, Any]:
    return {
        "seat": ballot.seat,
        "model": ballot.model,
        "kind": ballot.kind,
        "valid": ballot.valid,
        "why": ballot.why,
        "group": ballot.group,
        "weight": round(ballot.weight, DIGITS),
        "seconds": round(ballot.seconds, DIGITS),
        "tokens": ballot.tokens,
    }


def _message(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    calls = [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in message.calls]
    return {"text": message.text, "thinking": message.thinking, "calls": calls}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, DIGITS)
