"""Embeddings, to and from the wire. Pure."""

import base64
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...chat import Embedding
from ...errors import BadRequest
from .. import policy
from ..fields import Fields
from .completions import Prompt, texts_or_tokens

MOST_INPUTS = 2048
MOST_DIMENSIONS = 2**20


@dataclass(frozen=True, slots=True)
class Call:
    model: str
    inputs: tuple[Prompt, ...]
    dimensions: int | None
    base64: bool
    local_only: bool = False


def from_wire(body: dict[str, Any]) -> Call:
    fields = Fields(body)
    fields.text("user")
    inputs = texts_or_tokens(fields, "input")
    if len(inputs) > MOST_INPUTS:
        raise fields.wrong("input", f"may hold at most {MOST_INPUTS} texts, not {len(inputs)}")
    if "" in inputs:
        raise fields.wrong("input", "must not hold an empty string")
    encoding = fields.one_of("encoding_format", ("float", "base64"))
    return Call(
        fields.text("model") or "swarm",
        inputs,
        fields.whole("dimensions", 1, MOST_DIMENSIONS),
        encoding == "base64",
        policy.local_only(fields),
    )


def to_wire(call: Call, embeddings: Sequence[Embedding]) -> dict[str, Any]:
    tokens = sum(embedding.tokens for embedding in embeddings)
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": _written(call, embedding.vector)}
            for index, embedding in enumerate(embeddings)
        ],
        "model": call.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _written(call: Call, vector: Sequence[float]) -> list[float] | str:
    numbers = cut(vector, call.dimensions)
    if not call.base64:
        return list(numbers)
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def cut(vector: Sequence[float], dimensions: int | None) -> Sequence[float]:
    """The first so many numbers, made one long again."""
    if dimensions is None or dimensions == len(vector):
        return vector
    if dimensions > len(vector):
        raise BadRequest(f"'dimensions' must be at most {len(vector)}, which is what this model has.", "dimensions")
    short = vector[:dimensions]
    length = math.sqrt(sum(number * number for number in short)) or 1.0
    return [number / length for number in short]
