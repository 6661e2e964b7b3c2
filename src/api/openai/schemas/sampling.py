"""The fields that more than one route has."""

from ...chosen import schema as chosen
from ...openapi import either, one_of
from ..sampling import MOST_ALTERNATIVES, MOST_STOPS, SEEDS
from ..thinking import EFFORTS
from .shapes import BOOLEAN, OBJECT, STRING, Schema, array, noted, number, record, whole

MODEL = noted(
    STRING,
    "`swarm`, `swarm:fast`, `swarm:vote`, or another id that /v1/models lists. With `+tools` behind it the model uses "
    "the tools of the tool host.",
)
EFFORT = one_of(*EFFORTS)
ALTERNATIVES = whole(0, MOST_ALTERNATIVES)
TEXT = noted({"type": "string", "minLength": 1}, "The answer ends before this text.")

SAMPLING: dict[str, Schema] = {
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "top_k": whole(0, 2**31 - 1),
    "min_p": number(0, 1),
    "repeat_penalty": number(0.01, 10),
    "frequency_penalty": number(-2, 2),
    "presence_penalty": number(-2, 2),
    "seed": whole(-SEEDS, SEEDS - 1),
    "stop": either(TEXT, array(TEXT, 0, MOST_STOPS)),
    "logit_bias": OBJECT | {"propertyNames": {"pattern": "^[0-9]{1,9}$"}, "additionalProperties": number(-100, 100)},
    "ignore_eos": noted(BOOLEAN, "Write on past the model's own end; for measuring speed."),
}
SESSION: dict[str, Schema] = {
    "prompt_cache_key": noted(STRING, "Requests of one key share the head of their prompts."),
    "user": STRING,
}
WISH: dict[str, Schema] = {"swarm": chosen.WISH}
LOCALITY: dict[str, Schema] = {"swarm": chosen.LOCALITY}
STREAM: dict[str, Schema] = {
    "stream": BOOLEAN,
    "stream_options": record({"include_usage": BOOLEAN}),
}
THINKING: dict[str, Schema] = {
    "reasoning_effort": EFFORT,
    "enable_thinking": BOOLEAN,
    "chat_template_kwargs": record({"enable_thinking": BOOLEAN}),
    "thinking_budget": noted(whole(0), "Tokens of thinking, at most; 0 switches it off."),
    "max_thinking_tokens": whole(0),
}
