"""How the swarm shall answer, from the wire: in a field of our own, the same in every API, and in headers. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from ..chat import Policy, Strategy
from ..settings import LONGEST_PATIENCE, MOST_CANDIDATES, nearest
from .fields import Fields

FIELD = "swarm"
STRATEGIES: dict[str, Strategy] = {one: one for one in get_args(Strategy)}
KEYS = ("strategy", "candidates", "quorum", "patience_s", "local_only")
STRATEGY_HEADER = "X-Swarm-Strategy"
CANDIDATES_HEADER = "X-Swarm-Candidates"


def read(fields: Fields, choices: int = 1) -> Policy:
    """`choices`: answers that the client wants side by side."""
    wish = _wish(fields, KEYS)
    if wish is None:
        return Policy(choices)
    policy = Policy(
        choices,
        _strategy(wish, "strategy"),
        wish.whole("candidates", 1, MOST_CANDIDATES),
        wish.whole("quorum", 1, MOST_CANDIDATES),
        wish.number("patience_s", 0, LONGEST_PATIENCE),
        wish.truth("local_only") or False,
    )
    if policy.quorum and policy.candidates and policy.quorum > policy.candidates:
        raise wish.wrong("quorum", f"must be at most 'candidates', which is {policy.candidates}")
    return policy


def local_only(fields: Fields) -> bool:
    """Of a request of which nothing is chosen. Asked by another node, this one answers itself: else two nodes could
    send a request to and fro."""
    wish = _wish(fields, ("local_only",))
    return bool(wish and wish.truth("local_only"))


def with_headers(body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """For clients that can send nothing else. What the body says goes first."""
    own = body.get(FIELD)
    told = _told(headers)
    if not told or not (own is None or isinstance(own, dict)):
        return body
    return body | {FIELD: told | {key: value for key, value in (own or {}).items() if value is not None}}


def _told(headers: Mapping[str, str]) -> dict[str, Any]:
    fields = Fields({STRATEGY_HEADER: headers.get(STRATEGY_HEADER), CANDIDATES_HEADER: _number(headers)})
    told = {
        "strategy": _strategy(fields, STRATEGY_HEADER),
        "candidates": fields.whole(CANDIDATES_HEADER, 1, MOST_CANDIDATES),
    }
    return {key: value for key, value in told.items() if value is not None}


def _number(headers: Mapping[str, str]) -> int | str | None:
    """Headers know texts alone."""
    text = headers.get(CANDIDATES_HEADER)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else text


def _strategy(fields: Fields, key: str) -> Strategy | None:
    wish = fields.one_of(key, tuple(STRATEGIES))
    return None if wish is None else STRATEGIES[wish]


def _wish(fields: Fields, known: Sequence[str]) -> Fields | None:
    """A misspelt wish would be ignored without a word, as unknown fields are elsewhere."""
    wish = fields.fields(FIELD)
    if wish is None:
        return None
    for key in wish.values:
        if key not in known:
            near = nearest(key, known)
            other = f"the nearest is '{near}'" if near else f"there is {', '.join(known)}"
            raise wish.wrong(key[:40], f"is not known; {other}")
    return wish
