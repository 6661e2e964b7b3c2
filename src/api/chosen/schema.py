"""What /docs shows of how an answer was chosen, and of how to wish for it."""

from typing import get_args

from ...chat import CallState, Kind, Method
from ...settings import LONGEST_PATIENCE, MOST_CANDIDATES
from ..openapi import NUMBER, OPENAI_ERROR, TEXT, TRUTH, WHOLE, Schema, answers, between, one_of, several, thing
from ..policy import STRATEGIES

COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_CANDIDATES}
_LOCAL = TRUTH | {"description": "This node itself answers, and asks no other server."}
WISH = thing(
    strategy=one_of(*STRATEGIES) | {"description": "Else as the model is named: `swarm`, `swarm:fast`, `swarm:vote`."},
    candidates=COUNT | {"description": "At most so many write for one answer."},
    quorum=COUNT | {"description": "So many of them have to be valid; at most `candidates`."},
    patience_s=between(0, LONGEST_PATIENCE) | {"description": "Others are waited for so long once one has answered."},
    local_only=_LOCAL,
) | {"additionalProperties": False}
LOCALITY = thing(local_only=_LOCAL) | {"additionalProperties": False}

_BALLOT: dict[str, Schema] = {
    "seat": TEXT,
    "model": TEXT,
    "kind": one_of(*get_args(Kind)),
    "valid": TRUTH,
    "why": TEXT | {"description": "It has no vote."},
    "group": WHOLE | {"description": "Those of one group said the same."},
    "weight": NUMBER,
    "seconds": NUMBER,
    "tokens": WHOLE,
}
_MESSAGE = thing(text=TEXT, thinking=TEXT, calls=several(thing(id=TEXT, name=TEXT, arguments=TEXT)))
_SHORT: dict[str, Schema] = {
    "kind": one_of(*get_args(Kind)),
    "method": one_of(*get_args(Method)),
    "requested": WHOLE,
    "valid": WHOLE,
    "agreement": NUMBER,
}
_STEPS = several(
    thing(
        (),
        round=WHOLE,
        id=TEXT | {"description": "Of the call, in the log of the tool host."},
        tool=TEXT,
        arguments=TEXT,
        state=one_of(*get_args(CallState)),
        seconds=NUMBER,
        content=TEXT | {"description": "The beginning of what came of it."},
    )
) | {"description": "Calls of tools of the tool host on the way to the answer; absent where there were none."}
_VERDICT: dict[str, Schema] = {
    "id": TEXT,
    **_SHORT,
    "cancelled": WHOLE,
    "confidence": NUMBER,
    "winner": WHOLE | {"description": "Counts the ballots, as `runner_up` does."},
    "runner_up": WHOLE,
    "early_stop": TRUTH,
    "warnings": several(TEXT),
    "steps": _STEPS,
}
_HEAD: dict[str, Schema] = {"id": TEXT, "object": TEXT, "created": WHOLE, "model": TEXT}
REPORT = thing((), **_VERDICT, ballots=several(thing((), **_BALLOT))) | {
    "description": "How the answer was chosen. Only `warnings` where nothing is known of that."
}
FOUND = answers(
    "How it was chosen.",
    OPENAI_ERROR,
    thing(("id", "ballots"), **_HEAD | _VERDICT, ballots=several(thing((), **_BALLOT, message=_MESSAGE))),
)
LISTED = answers(
    "The newest first.",
    OPENAI_ERROR,
    thing(("data",), object=TEXT, data=several(thing(("id",), **_HEAD | _SHORT, seat=TEXT))),
)
