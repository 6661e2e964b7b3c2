"""Completions of plain texts, and embeddings."""

from ...openapi import either, one_of
from ..completions import MOST_ALTERNATIVES, MOST_CHOICES, MOST_TOKEN
from ..embeddings import MOST_DIMENSIONS, MOST_INPUTS
from . import sampling
from .answers import CHOICE_HEAD, SWARM, USAGE
from .shapes import BOOLEAN, INTEGER, NUMBER, STRING, answer, array, noted, optional, record, whole

TOKENS = array(whole(0, MOST_TOKEN), 1)

REQUEST = record(
    {
        "model": sampling.MODEL,
        "prompt": either(STRING, array(either(STRING, TOKENS), 1, MOST_CHOICES), TOKENS),
        **sampling.STREAM,
        "n": whole(1, MOST_CHOICES),
        "best_of": noted(whole(1, MOST_CHOICES), "The same as `n`."),
        "max_tokens": whole(1),
        **sampling.SAMPLING,
        "logprobs": whole(0, MOST_ALTERNATIVES),
        "echo": BOOLEAN,
        **sampling.SESSION,
        **sampling.WISH,
    },
    ["prompt"],
)
LOGPROBS = answer(
    {
        "tokens": array(STRING),
        "token_logprobs": array(NUMBER),
        "top_logprobs": array({"type": "object", "additionalProperties": NUMBER}),
        "text_offset": array(INTEGER),
    }
)
CHOICE = answer(
    CHOICE_HEAD | {"text": STRING, "logprobs": optional(LOGPROBS), "finish_reason": one_of("stop", "length")}
)
RESPONSE = answer(
    {
        "id": STRING,
        "object": STRING,
        "created": INTEGER,
        "model": STRING,
        "choices": array(CHOICE),
        "usage": USAGE,
        "swarm": SWARM,
    },
    ["swarm"],
)

NOT_EMPTY = STRING | {"minLength": 1}
EMBEDDINGS_REQUEST = record(
    {
        "model": sampling.MODEL,
        "input": either(NOT_EMPTY, array(either(NOT_EMPTY, TOKENS), 1, MOST_INPUTS), TOKENS),
        "dimensions": noted(whole(1, MOST_DIMENSIONS), "The first so many numbers, made one long again."),
        "encoding_format": one_of("float", "base64"),
        "user": STRING,
        **sampling.LOCALITY,
    },
    ["input"],
)
EMBEDDINGS_RESPONSE = answer(
    {
        "object": STRING,
        "data": array(answer({"object": STRING, "index": INTEGER, "embedding": either(array(NUMBER), STRING)})),
        "model": STRING,
        "usage": answer({"prompt_tokens": INTEGER, "total_tokens": INTEGER}),
    }
)
