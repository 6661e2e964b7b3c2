"""What /docs shows of Anthropic's routes."""

from .. import hosted
from ..chosen.schema import WISH
from ..openapi import JSON_SCHEMA, TEXT, TRUTH, WHOLE, answers, between, body, either, one_of, several, thing
from ..reply import EVENT_STREAM
from .content import FOREIGN, ROLES
from .request import EFFORTS, MOST_STOPS, THINKING
from .tools import CHOICES, NAME

BLOCKS = ("text", "image", "document", "search_result", "thinking", "tool_use", "tool_result")
BLOCK = thing(
    ("type",),
    type={"type": "string", "pattern": f"^({'|'.join(BLOCKS)}|{FOREIGN.pattern})$"},
    text=TEXT,
    thinking=TEXT,
    source=thing(("type",), type=TEXT, media_type=TEXT, data=TEXT, url=TEXT),
    id=TEXT,
    name=TEXT,
    input={"type": "object"},
    tool_use_id=TEXT,
    content=either(TEXT, several({"type": "object"})),
    is_error=TRUTH,
)
MESSAGE = thing(("role", "content"), role=one_of(*ROLES), content=either(TEXT, several(BLOCK)))
TOOL = thing(
    ("name",),
    name={"type": "string", "pattern": f"^{NAME.pattern}$"},
    description=TEXT,
    input_schema=JSON_SCHEMA,
    strict=TRUTH,
    type={
        "type": "string",
        "not": {"enum": [hosted.KIND]},
        "description": "Others than `custom` are left out, with a warning.",
    },
)
CHOICE = thing(("type",), type=one_of(*CHOICES), name=TEXT, disable_parallel_tool_use=TRUTH)
PROMPT = {
    "model": {"type": "string", "description": "Of /v1/models, or any name that begins with `claude`: the swarm."},
    "messages": several(MESSAGE, minItems=1),
    "system": either(TEXT, several(thing(("type", "text"), type=one_of("text"), text=TEXT))),
    "tools": several(either(TOOL, hosted.SCHEMA)),
    "swarm": WISH,
    "tool_choice": CHOICE,
    "thinking": thing(
        ("type",),
        type=one_of(*THINKING),
        budget_tokens={"type": "integer", "minimum": 0},
        display=one_of("summarized", "omitted"),
    ),
    "output_config": thing(
        effort=one_of(*EFFORTS), format=thing(("type", "schema"), type=one_of("json_schema"), schema=JSON_SCHEMA)
    ),
}
ERROR = thing(("type", "error"), type=one_of("error"), error=thing(("type", "message"), type=TEXT, message=TEXT))

MESSAGES = body(
    ("messages",),
    **PROMPT,
    max_tokens={"type": "integer", "minimum": 1, "description": "A wish: cut to what the context leaves."},
    stream=TRUTH,
    temperature=between(0, 2),
    top_p=between(0, 1),
    top_k={"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    stop_sequences=several({"type": "string", "minLength": 1}, maxItems=MOST_STOPS),
    metadata=thing(user_id=TEXT),
)
ANSWERS = answers("The message, or its events with `stream`.", ERROR, stream=EVENT_STREAM)
COUNT = body(("messages",), **PROMPT)
COUNTED = answers("The tokens of the prompt.", ERROR, thing(("input_tokens",), input_tokens=WHOLE))
