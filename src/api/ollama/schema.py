"""What /docs shows of Ollama's routes."""

from .. import hosted
from ..chosen.schema import WISH
from ..openapi import (
    JSON_SCHEMA,
    NUMBER,
    TEXT,
    TRUTH,
    Schema,
    answers,
    between,
    body,
    either,
    one_of,
    refusals,
    several,
    thing,
)
from .answer import NDJSON
from .embed import MOST_INPUTS
from .messages import NAME, ROLES
from .options import EFFORTS, MOST_ALTERNATIVES, MOST_STOPS, MOST_TEMPERATURE

ERROR = thing(("error",), error=TEXT)
MODEL = {"type": "string", "minLength": 1, "description": "Of /api/tags; `:latest` may be left out."}
OPTIONS = thing(
    temperature=between(0, MOST_TEMPERATURE),
    top_p=between(0, 1),
    top_k={"type": "integer", "minimum": -1, "maximum": 2**31 - 1},
    min_p=between(0, 1),
    seed={"type": "integer", "description": "Below zero: a random one."},
    num_predict={"type": "integer", "minimum": -2, "description": "A wish: cut to what the context leaves."},
    num_ctx={"type": "integer", "minimum": 0, "description": "Ignored: the context is what /api/show says."},
    stop=either(TEXT, several({"type": "string", "minLength": 1}, maxItems=MOST_STOPS)),
    repeat_penalty=between(0, 10),
    presence_penalty=between(-2, 2),
    frequency_penalty=between(-2, 2),
)
KEEP: dict[str, Schema] = {"keep_alive": either(TEXT, NUMBER) | {"description": "Ignored: models stay loaded."}}
SHARED: dict[str, Schema] = {
    "model": MODEL,
    "stream": {"type": "boolean", "default": True},
    "format": either(one_of("", "json"), JSON_SCHEMA),
    "think": either(TRUTH, one_of(*EFFORTS)),
    "options": OPTIONS,
    "logprobs": TRUTH,
    "top_logprobs": {"type": "integer", "minimum": 0, "maximum": MOST_ALTERNATIVES},
    "swarm": WISH,
    **KEEP,
}
IMAGES = several({"type": "string", "format": "byte"})
CALL = thing(("function",), id=TEXT, function=thing(("name",), name=TEXT, arguments={"type": "object"}))
MESSAGE = thing(
    ("role",),
    role=one_of(*ROLES),
    content=TEXT,
    thinking=TEXT,
    images=IMAGES,
    tool_calls=several(CALL),
    tool_name=TEXT,
    tool_call_id=TEXT,
)
FUNCTION = thing(
    ("name",), name={"type": "string", "pattern": f"^{NAME.pattern}$"}, description=TEXT, parameters=JSON_SCHEMA
)
TOOL = thing(("function",), type=one_of("function"), function=FUNCTION)

CHAT = body(("model",), **SHARED, messages=several(MESSAGE), tools=several(either(TOOL, hosted.SCHEMA)))
GENERATE = body(("model",), **SHARED, prompt=TEXT, system=TEXT, images=IMAGES, raw=TRUTH)
EMBED = body(
    ("model",),
    model=MODEL,
    input=either(TEXT, several(TEXT, maxItems=MOST_INPUTS)),
    truncate={"type": "boolean", "default": True, "description": "Cut a text that does not fit."},
    dimensions={"type": "integer", "minimum": 1},
    **KEEP,
)
EMBEDDINGS = body(("model",), model=MODEL, prompt=TEXT, **KEEP)
SHOW = body(("model",), model=MODEL)

ANSWER = answers("The answer, in lines of JSON unless `stream` is false.", ERROR, stream=NDJSON)
EMBEDDED = answers("The vectors, each of length one.", ERROR, thing(embeddings=several(several(NUMBER)), model=TEXT))
EMBEDDED_OLD = answers("The vector, of length one.", ERROR, thing(embedding=several(NUMBER)))
LISTED = answers("The models.", ERROR, thing(models=several({"type": "object"})))
SHOWN = answers("What is known of it.", ERROR)
VERSION = answers("The version of Ollama's API that is spoken here.", ERROR, thing(version=TEXT))
FIXED = refusals(ERROR)
