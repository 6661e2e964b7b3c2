"""Texts to tokens and back, from llama.cpp's wire. Pure."""

from dataclasses import dataclass
from typing import Any

from ...swarm.answer import SWARM
from ..fields import Fields

MOST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Tokenize:
    model: str
    text: str
    special: bool
    framed: bool
    pieces: bool


@dataclass(frozen=True, slots=True)
class Detokenize:
    model: str
    tokens: tuple[int, ...]


def tokenize_from_wire(body: dict[str, Any]) -> Tokenize:
    fields = Fields(body)
    return Tokenize(
        fields.text("model") or SWARM,
        fields.needed("content"),
        fields.truth("parse_special") is not False,
        fields.truth("add_special") or False,
        fields.truth("with_pieces") or False,
    )


def detokenize_from_wire(body: dict[str, Any]) -> Detokenize:
    fields = Fields(body)
    tokens = fields.array("tokens")
    if tokens is None:
        raise fields.missing("tokens")
    named = Fields({f"tokens[{at}]": token for at, token in enumerate(tokens)})
    return Detokenize(fields.text("model") or SWARM, tuple(_token(named, key) for key in named.values))


def _token(fields: Fields, key: str) -> int:
    token = fields.whole(key, 0, MOST_ID)
    if token is None:
        raise fields.wrong(key, "must be an integer, not null")
    return token
