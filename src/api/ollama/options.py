"""What Ollama's requests have in common: options, format, thinking. Pure.

`num_ctx` is not honoured and needs not be: the context is what /api/show says, and a prompt that does not fit is an
error with both numbers, never cut. What Ollama loads models with (num_gpu, num_batch, use_mmap ...) is ignored.
"""

from typing import Any

from ...chat import Effort, Reasoning, ResponseFormat, Sampling
from ..fields import Fields, describe
from ..wished import wished

MOST_STOPS = 16
MOST_ALTERNATIVES = 20
SEEDS = 2**63
# Ollama itself knows no limit.
MOST_TEMPERATURE = 100
# Logits are divided by it.
LEAST_PENALTY = 0.01
EFFORTS: dict[str, Effort] = {"low": "low", "medium": "medium", "high": "high"}


def sampling(fields: Fields) -> Sampling:
    options = fields.fields("options") or Fields({}, "options")
    options.refuse("mirostat", unless=(0,))
    options.refuse("tfs_z", unless=(1,))
    options.refuse("typical_p", unless=(1,))
    options.whole("num_ctx", 0)
    given: dict[str, Any] = {
        "temperature": options.number("temperature", 0, MOST_TEMPERATURE),
        "top_p": options.number("top_p", 0, 1),
        "top_k": _at_least_none(options.whole("top_k", -1, 2**31 - 1)),
        "min_p": options.number("min_p", 0, 1),
        "repeat_penalty": _penalty(options),
        "presence_penalty": options.number("presence_penalty", -2, 2),
        "frequency_penalty": options.number("frequency_penalty", -2, 2),
        # -1 and -2: as long as it likes.
        "max_tokens": _above_none(options.whole("num_predict", -2)),
        "seed": _seed(options),
        "stop": _stops(options),
        "logprobs": _logprobs(fields),
    }
    return wished(given)


def response_format(fields: Fields) -> ResponseFormat | None:
    match fields.raw("format"):
        case None | "":
            return None
        case "json":
            return ResponseFormat({})
        case dict(schema):
            return ResponseFormat(dict(schema))
        case str(other):
            raise fields.wrong("format", f'must be "json" or a JSON schema, not "{other[:40]}"')
        case other:
            raise fields.wrong("format", f'must be "json" or a JSON schema, not {describe(other)}')


def reasoning(fields: Fields) -> Reasoning:
    match fields.raw("think"):
        case None | True:
            return Reasoning()
        case False:
            return Reasoning("none")
        case str():
            wish = fields.one_of("think", tuple(EFFORTS))
            return Reasoning(EFFORTS[wish] if wish else None)
        case other:
            raise fields.wrong("think", f"must be a boolean or one of {', '.join(EFFORTS)}, not {describe(other)}")


def check_keep_alive(fields: Fields) -> None:
    """Models stay as long as the node runs; it must only be well-formed."""
    value = fields.raw("keep_alive")
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise fields.wrong("keep_alive", f"must be a number or a string, not {describe(value)}")


def _seed(options: Fields) -> int | None:
    """Below zero: a random one."""
    seed = options.whole("seed", -SEEDS, SEEDS - 1)
    return None if seed is None or seed < 0 else seed


def _at_least_none(value: int | None) -> int | None:
    return None if value is None else max(value, 0)


def _above_none(value: int | None) -> int | None:
    return None if value is None or value < 1 else value


def _penalty(options: Fields) -> float | None:
    """0: none."""
    penalty = options.number("repeat_penalty", 0, 10)
    return max(penalty, LEAST_PENALTY) if penalty else None


def _stops(options: Fields) -> tuple[str, ...] | None:
    if isinstance(options.raw("stop"), str):
        return (options.needed("stop"),) if options.raw("stop") else None
    stops = options.texts("stop")
    if stops and len(stops) > MOST_STOPS:
        raise options.wrong("stop", f"may hold at most {MOST_STOPS} strings")
    if stops and "" in stops:
        raise options.wrong("stop", "must not hold an empty string")
    return None if stops is None else tuple(stops)


def _logprobs(fields: Fields) -> int | None:
    alternatives = fields.whole("top_logprobs", 0, MOST_ALTERNATIVES)
    return (alternatives or 0) if fields.truth("logprobs") else None
