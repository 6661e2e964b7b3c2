"""What /docs shows of the tools."""

from ..openapi import JSON_SCHEMA, OPENAI_ERROR, TEXT, TRUTH, answers, body, one_of, several, thing
from .wire import ERRORS, LONGEST_ID

TOOL = thing(("name", "description", "schema"), name=TEXT, description=TEXT, schema=JSON_SCHEMA)
LIST = answers(
    "The tools of this node; 404 where it has none.",
    OPENAI_ERROR,
    thing(("object", "data"), object=one_of("list"), data=several(TOOL)),
)
CALL = body(
    ("tool", "id"),
    tool=TEXT | {"description": "One of those that GET /v1/tools lists."},
    arguments={"type": "object", "description": "As the tool's schema wants them."},
    id=TEXT
    | {
        "minLength": 1,
        "maxLength": LONGEST_ID,
        "description": "New for each call. The same call with the same id again is not run again: what came of it is "
        "answered.",
    },
)
RESULT = answers(
    "What came of the call, also where it failed or was not allowed; 404 where this node has no tools.",
    OPENAI_ERROR,
    thing(
        ("id", "ok", "state", "content"),
        id=TEXT,
        ok=TRUTH,
        state=one_of("done", *ERRORS),
        content=TEXT | {"description": "For a model, whatever came of it."},
        images=several(TEXT | {"description": "A data URL."}),
        error=TEXT | {"description": "Null where it was done."},
    ),
)
CANCEL = body(("id",), id=TEXT | {"description": "Of the call."})
CANCELLED = answers(
    "Whether there was anything to cancel.",
    OPENAI_ERROR,
    thing(("id", "cancelled"), id=TEXT, cancelled=TRUTH),
)
