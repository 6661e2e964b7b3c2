"""How tokens are chosen, from the wire: what every API of OpenAI names in the same way. Pure."""

from typing import Any

from ...chat import Sampling
from ..fields import Fields
from ..wished import wished

MOST_STOPS = 16
MOST_ALTERNATIVES = 20
# Below zero some clients mean "a random one".
SEEDS = 2**63


def read(fields: Fields, max_tokens: int | None, logprobs: int | None) -> Sampling:
    """`max_tokens`, `logprobs`: each API has a name of its own for them."""
    given: dict[str, Any] = {
        "temperature": fields.number("temperature", 0, 2),
        "top_p": fields.number("top_p", 0, 1),
        "top_k": fields.whole("top_k", 0, 2**31 - 1),
        "min_p": fields.number("min_p", 0, 1),
        "repeat_penalty": fields.number("repeat_penalty", 0.01, 10),
        "frequency_penalty": fields.number("frequency_penalty", -2, 2),
        "presence_penalty": fields.number("presence_penalty", -2, 2),
        "max_tokens": max_tokens,
        "seed": _seed(fields),
        "stop": _stops(fields),
        "logit_bias": _logit_bias(fields),
        "logprobs": logprobs,
        "ignore_eos": fields.truth("ignore_eos"),
    }
    return wished(given)


def _seed(fields: Fields) -> int | None:
    seed = fields.whole("seed", -SEEDS, SEEDS - 1)
    return None if seed is None or seed < 0 else seed


def _stops(fields: Fields) -> tuple[str, ...] | None:
    stop = fields.raw("stop")
    if stop is None:
        return None
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or not all(isinstance(one, str) for one in stops):
        raise fields.wrong("stop", "must be a string or an array of strings")
    if len(stops) > MOST_STOPS:
        raise fields.wrong("stop", f"may hold at most {MOST_STOPS} strings")
    if "" in stops:
        raise fields.wrong("stop", "must not hold an empty string")
    return tuple(stops)


def _logit_bias(fields: Fields) -> tuple[tuple[int, float], ...] | None:
    bias = fields.fields("logit_bias")
    if bias is None:
        return None
    pairs = []
    for key in bias.values:
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            raise fields.wrong("logit_bias", f'must have token ids as its keys, not "{key[:40]}"')
        pairs.append((int(key), bias.number(key, -100, 100) or 0.0))
    return tuple(pairs)
