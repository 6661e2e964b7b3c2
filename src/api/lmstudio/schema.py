"""What /docs shows of LM Studio's routes."""

from ..openapi import OPENAI_ERROR, TEXT, WHOLE, answers, several, thing

NATIVE_MODEL = thing(
    ("key", "type"),
    type=TEXT,
    key=TEXT,
    max_context_length=WHOLE,
    loaded_instances=several(thing(id=TEXT, config=thing(context_length=WHOLE))),
    capabilities={"type": "object"},
)
OLDER_MODEL = thing(("id", "object"), id=TEXT, object=TEXT, max_context_length=WHOLE, loaded_context_length=WHOLE)

NATIVE = answers("The models.", OPENAI_ERROR, thing(("models",), models=several(NATIVE_MODEL)))
OLDER = answers("The models.", OPENAI_ERROR, thing(("data",), object=TEXT, data=several(OLDER_MODEL)))
OLDER_ONE = answers("The model.", OPENAI_ERROR, OLDER_MODEL)
