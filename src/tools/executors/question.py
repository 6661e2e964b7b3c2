"""`question`: only the client can ask its user."""

from ..texts import Texts
from ..tool import Tool

SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 1, "maxLength": 2000},
        "options": {"type": "array", "maxItems": 10, "items": {"type": "string", "maxLength": 200}},
    },
    "required": ["question"],
}


def question(texts: Texts) -> Tool:
    return Tool("question", *texts.of("question", SCHEMA), None, "allow")
