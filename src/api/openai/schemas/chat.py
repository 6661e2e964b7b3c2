"""Chat completions."""

from ...openapi import either, one_of
from ..chat import MOST_CANDIDATES
from . import sampling, tools
from .answers import CHOICE_HEAD, LOGPROBS, SWARM, USAGE
from .shapes import BOOLEAN, STRING, Schema, answer, array, noted, optional, record, whole

TEXT_PART = record({"type": one_of("text", "input_text", "output_text"), "text": STRING}, ["type", "text"])
REFUSAL_PART = record({"type": {"const": "refusal"}, "refusal": STRING}, ["type", "refusal"])
URL = STRING | {"pattern": "^(data:image/|https?://)"}
IMAGE_PART = record(
    {"type": {"const": "image_url"}, "image_url": record({"url": URL, "detail": STRING}, ["url"])},
    ["type", "image_url"],
)
TEXTS = either(STRING, array(either(TEXT_PART, REFUSAL_PART)))


def _message(roles: list[str], fields: dict[str, Schema], required: list[str]) -> Schema:
    return record({"role": one_of(*roles), "name": STRING} | fields, ["role", *required])


MESSAGE = either(
    _message(["system", "developer"], {"content": TEXTS}, ["content"]),
    _message(["user"], {"content": either(STRING, array(either(TEXT_PART, IMAGE_PART)))}, ["content"]),
    _message(
        ["assistant"],
        {
            "content": TEXTS,
            "refusal": STRING,
            "reasoning_content": STRING,
            "reasoning": STRING,
            "tool_calls": array(tools.CALL),
            "function_call": tools.CALLED,
            "prefix": BOOLEAN,
        },
        [],
    ),
    _message(["tool"], {"tool_call_id": STRING, "content": TEXTS}, ["tool_call_id", "content"]),
    record({"role": {"const": "function"}, "name": STRING, "content": TEXTS}, ["role", "name", "content"]),
)

REQUEST = record(
    {
        "model": sampling.MODEL,
        "messages": array(MESSAGE, 1),
        **sampling.STREAM,
        "n": whole(1, MOST_CANDIDATES),
        "max_tokens": noted(whole(1), "A wish: it is cut to what the context leaves."),
        "max_completion_tokens": whole(1),
        **sampling.SAMPLING,
        "logprobs": BOOLEAN,
        "top_logprobs": sampling.ALTERNATIVES,
        **tools.CHAT_TOOLS,
        "response_format": tools.ANSWER_FORMAT,
        **sampling.THINKING,
        "reasoning": record({"effort": sampling.EFFORT, "max_tokens": whole(0), "enabled": BOOLEAN}),
        "continue_final_message": noted(BOOLEAN, "Write on in the last message, which is an assistant's."),
        **sampling.SESSION,
        "store": noted(BOOLEAN, "False: nothing of what was said can be looked up at /v1/swarm/requests."),
        **sampling.WISH,
    },
    ["messages"],
)

FUNCTION = answer({"name": STRING, "arguments": STRING})
CALL = answer({"id": STRING, "type": STRING, "function": FUNCTION})
SAID = answer(
    {
        "role": STRING,
        "content": optional(STRING),
        "reasoning_content": STRING,
        "tool_calls": array(CALL),
        "function_call": FUNCTION,
    },
    ["reasoning_content", "tool_calls", "function_call"],
)
CHOICE = answer(
    CHOICE_HEAD
    | {
        "message": SAID,
        "logprobs": optional(answer({"content": array(LOGPROBS)})),
        "finish_reason": one_of("stop", "length", "tool_calls", "function_call"),
    }
)
RESPONSE = answer(
    {
        "id": STRING,
        "object": STRING,
        "created": whole(0),
        "model": STRING,
        "choices": array(CHOICE),
        "usage": USAGE,
        "swarm": SWARM,
    },
    ["swarm"],
)
