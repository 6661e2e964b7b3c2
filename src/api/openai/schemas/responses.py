"""Responses."""

from ...openapi import either, one_of
from ..responses import references
from ..responses.call import SUMMARIES
from ..responses.items import READERS
from . import sampling, tools
from .answers import SWARM
from .chat import REFUSAL_PART, TEXT_PART, URL
from .shapes import BOOLEAN, INTEGER, NUMBER, OBJECT, STRING, Schema, answer, array, noted, optional, record, whole

TEXTS = either(STRING, array(either(TEXT_PART, REFUSAL_PART)))
IMAGE_PART = record({"type": {"const": "input_image"}, "image_url": URL, "detail": STRING}, ["type", "image_url"])


def _item(kind: str, fields: dict[str, Schema], required: list[str]) -> Schema:
    return record({"type": {"const": kind}} | fields, ["type", *required])


def _message(roles: list[str], content: Schema) -> Schema:
    return record({"type": {"const": "message"}, "role": one_of(*roles), "content": content}, ["role", "content"])


PARTS = array(record({"text": STRING}, ["text"]))
CALL: dict[str, Schema] = {"call_id": STRING, "name": STRING, "namespace": STRING}
RESULT: dict[str, Schema] = {"call_id": STRING, "output": TEXTS}
OTHER = noted(
    record({"type": {"type": "string", "minLength": 1, "not": {"enum": [*READERS, references.KIND]}}}, ["type"]),
    "What only OpenAI's own tools make means nothing here, and is left out.",
)
ITEM = either(
    _message(["system", "developer", "assistant"], TEXTS),
    _message(["user"], either(STRING, array(either(TEXT_PART, IMAGE_PART)))),
    _item("reasoning", {"summary": PARTS, "content": PARTS, "encrypted_content": STRING}, []),
    _item("function_call", CALL | {"arguments": STRING}, ["call_id", "name", "arguments"]),
    _item("custom_tool_call", CALL | {"input": STRING}, ["call_id", "name", "input"]),
    _item("function_call_output", RESULT, ["call_id", "output"]),
    _item("custom_tool_call_output", RESULT, ["call_id", "output"]),
    _item("additional_tools", {"tools": tools.RESPONSE_TOOLS["tools"]}, []),
    _item(references.KIND, {"id": noted(STRING, "Of an item that is kept here.")}, ["id"]),
    OTHER,
)

REQUEST = record(
    {
        "model": sampling.MODEL,
        "input": either(STRING, array(ITEM)),
        "instructions": STRING,
        "stream": BOOLEAN,
        "store": noted(BOOLEAN, "Keep the answer for a while, in memory; the default."),
        "previous_response_id": STRING,
        "max_output_tokens": whole(1),
        "max_tool_calls": whole(0),
        **sampling.SAMPLING,
        "top_logprobs": sampling.ALTERNATIVES,
        **tools.RESPONSE_TOOLS,
        "text": record({"format": tools.ANSWER_FORMAT, "verbosity": STRING}),
        **sampling.THINKING,
        "reasoning": record(
            {
                "effort": sampling.EFFORT,
                "summary": one_of(*SUMMARIES),
                "generate_summary": noted(one_of(*SUMMARIES), "The older name of `summary`."),
                "max_tokens": whole(0),
                "enabled": BOOLEAN,
            }
        ),
        "include": array(STRING),
        "metadata": OBJECT,
        "truncation": one_of("auto", "disabled"),
        **sampling.SESSION,
        **sampling.WISH,
    },
    ["input"],
)

USAGE = answer(
    {
        "input_tokens": INTEGER,
        "input_tokens_details": answer({"cached_tokens": INTEGER, "cache_write_tokens": INTEGER}),
        "output_tokens": INTEGER,
        "output_tokens_details": answer({"reasoning_tokens": INTEGER}),
        "total_tokens": INTEGER,
    }
)
RESPONSE = answer(
    {
        "id": STRING,
        "object": STRING,
        "created_at": NUMBER,
        "status": one_of("in_progress", "completed", "incomplete", "failed"),
        "error": optional(answer({"code": STRING, "message": STRING})),
        "incomplete_details": optional(answer({"reason": STRING})),
        "output": array(answer({"type": STRING, "id": STRING})),
        "usage": optional(USAGE),
        "model": STRING,
        "swarm": SWARM,
    },
    ["swarm"],
)
INPUT_TOKENS = answer({"object": STRING, "input_tokens": INTEGER})
DELETED = answer({"id": STRING, "object": STRING, "deleted": BOOLEAN})
ITEMS = answer(
    {
        "object": STRING,
        "data": array(answer({"id": STRING, "type": STRING})),
        "first_id": STRING,
        "last_id": STRING,
        "has_more": BOOLEAN,
    }
)
PAGING = (("limit", whole(1, 100)), ("order", one_of("asc", "desc")), ("after", STRING))
