"""The lines between a node and its engine process: one JSON object a line, both ways. Pure.

To the engine:   load, submit, cancel, ping, close
From the engine: loading, ready, failed, accepted, refused, step, pong

A child that crashes can leave half a line: `decode` says so with BadFrame.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from ..chat import Alternative, Reason, Sampling, TokenLogprob, Usage
from ..errors import ContextOverflow, Overloaded, SwarmError, Unavailable
from .base import Card, EngineOptions, Load, Piece

Frame = dict[str, Any]


class BadFrame(ValueError):
    """A line that is no frame."""


def encode(frame: Frame) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Frame:
    try:
        frame = json.loads(line)
    except ValueError as error:
        raise BadFrame(f"not JSON: {line[:80]!r}") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("is"), str):
        raise BadFrame(f"not a frame: {line[:80]!r}")
    return frame


def decode_command(line: bytes) -> Frame:
    """What our own parent said; anything else than a frame is a bug of ours and may raise."""
    command = json.loads(line)
    assert isinstance(command, dict)
    return command


def error_to_wire(error: SwarmError) -> Frame:
    if isinstance(error, ContextOverflow):
        return {"code": error.code, "numbers": [error.prompt_tokens, error.context, error.at_least]}
    retry = error.retry_after if isinstance(error, Unavailable) else 0
    return {"code": error.code, "message": error.message, "retry_after": retry}


def error_from_wire(wire: Frame) -> SwarmError:
    if wire["code"] == ContextOverflow.code:
        return ContextOverflow(*wire["numbers"])
    return Overloaded(wire["message"], wire["retry_after"])


def options_to_wire(options: EngineOptions) -> Frame:
    return asdict(options) | {"path": str(options.path)}


def options_from_wire(wire: Frame) -> EngineOptions:
    return EngineOptions(**(wire | {"path": Path(wire["path"])}))


def card_from_wire(wire: Frame) -> Card:
    return Card(**wire)


def sampling_from_wire(wire: Frame) -> Sampling:
    pairs = tuple((int(token), float(bias)) for token, bias in wire["logit_bias"])
    return Sampling(**(wire | {"stop": tuple(wire["stop"]), "logit_bias": pairs}))


def load_from_wire(wire: list[int]) -> Load:
    return Load(*wire)


def load_to_wire(load: Load) -> list[int]:
    return [load.steps, load.waiting, load.running, load.cells_used, load.cells_cached, load.cells, load.memory]


def piece_to_wire(piece: Piece) -> list[Any]:
    """A list, not an object: this is sent for every token."""
    wire: list[Any] = [piece.job, piece.candidate, piece.text]
    if piece.logprobs or piece.reason:
        wire.append([_logprob_to_wire(entry) for entry in piece.logprobs])
    if piece.reason and piece.usage:
        wire += [piece.reason, piece.usage.prompt, piece.usage.completion, piece.usage.cached]
    return wire


def piece_from_wire(wire: list[Any]) -> Piece:
    job, candidate, text, *rest = wire
    logprobs = tuple(_logprob_from_wire(entry) for entry in rest[0]) if rest else ()
    if len(rest) < 2:
        return Piece(job, candidate, text, logprobs)
    return Piece(job, candidate, text, logprobs, cast(Reason, rest[1]), Usage(*rest[2:]))


def _logprob_to_wire(entry: TokenLogprob) -> list[Any]:
    return [entry.bytes.hex(), entry.logprob, [[one.bytes.hex(), one.logprob] for one in entry.top]]


def _logprob_from_wire(wire: list[Any]) -> TokenLogprob:
    text, logprob, top = wire
    return TokenLogprob(bytes.fromhex(text), logprob, tuple(Alternative(bytes.fromhex(t), p) for t, p in top))
