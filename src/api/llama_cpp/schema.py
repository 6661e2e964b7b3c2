"""What /docs shows of llama.cpp's routes."""

from ..openapi import OPENAI_ERROR, TEXT, TRUTH, WHOLE, answers, body, either, several, thing
from .tokens import MOST_ID

PIECE = thing(("id", "piece"), id=WHOLE, piece=TEXT)
SLOT = thing(id=WHOLE, n_ctx=WHOLE, is_processing=TRUTH)

TOKENIZE = body(
    ("content",),
    content=TEXT,
    model=TEXT,
    parse_special={"type": "boolean", "default": True, "description": "Markers are the tokens that they stand for."},
    add_special={"type": "boolean", "default": False, "description": "With the tokens that begin a text, and end it."},
    with_pieces=TRUTH,
)
DETOKENIZE = body(("tokens",), tokens=several({"type": "integer", "minimum": 0, "maximum": MOST_ID}), model=TEXT)
PROPS = answers("What is served, and how.", OPENAI_ERROR)
SLOTS = answers("The seats.", OPENAI_ERROR, several(SLOT))
TOKENS = answers("The tokens.", OPENAI_ERROR, thing(("tokens",), tokens=either(several(WHOLE), several(PIECE))))
CONTENT = answers("The text.", OPENAI_ERROR, thing(("content",), content=TEXT))
