"""Embeddings, to and from Ollama's wire. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...chat import Embedding
from ..fields import Fields, describe
from . import options
from .request import name_of, plain_name

# As many as OpenAI's API takes; each is read by the model.
MOST_INPUTS = 2048


@dataclass(frozen=True, slots=True)
class Call:
    model: str
    name: str  # the model as the client calls it
    texts: tuple[str, ...]
    dimensions: int | None = None
    truncate: bool = True  # what does not fit is cut; otherwise it is an error


def from_wire(body: dict[str, Any]) -> Call:
    fields = Fields(body)
    options.check_keep_alive(fields)
    name = name_of(fields)
    return Call(
        plain_name(name), name, _texts(fields), fields.whole("dimensions", 1), fields.truth("truncate") is not False
    )


def older_from_wire(body: dict[str, Any]) -> Call:
    fields = Fields(body)
    options.check_keep_alive(fields)
    name = name_of(fields)
    prompt = fields.text("prompt")
    return Call(plain_name(name), name, (prompt,) if prompt else ())


def to_wire(call: Call, embeddings: Sequence[Embedding], nanoseconds: int) -> dict[str, Any]:
    return {
        "model": call.name,
        "embeddings": [_cut(one.vector, call.dimensions) for one in embeddings],
        "total_duration": nanoseconds,
        "load_duration": 0,
        "prompt_eval_count": sum(one.tokens for one in embeddings),
    }


def older_to_wire(embeddings: Sequence[Embedding]) -> dict[str, Any]:
    return {"embedding": list(embeddings[0].vector) if embeddings else []}


def _texts(fields: Fields) -> tuple[str, ...]:
    given = fields.raw("input")
    if isinstance(given, str):
        return (given,) if given else ()
    if given is not None and not isinstance(given, list):
        raise fields.wrong("input", f"must be a string or an array of strings, not {describe(given)}")
    texts = fields.texts("input") or []
    if len(texts) > MOST_INPUTS:
        raise fields.wrong("input", f"may hold at most {MOST_INPUTS} texts, not {len(texts)}")
    return tuple(texts)


def _cut(vector: tuple[float, ...], dimensions: int | None) -> list[float]:
    """Fewer dimensions are the first ones, made one long again."""
    if dimensions is None or dimensions >= len(vector):
        return list(vector)
    length = math.hypot(*vector[:dimensions]) or 1.0
    return [value / length for value in vector[:dimensions]]
