"""The lines between a node and its engine process: one JSON object a line, both ways. Pure.

To the engine:   load, submit, cancel, embed, tokenize, detokenize, ping, close
From the engine: loading, ready, failed, accepted, refused, step, part, pong

`part` is a part of what was asked for by embed, tokenize or detokenize: a list or a text; `more` says whether others
follow. None of them is long, so that no frame is.

A child that crashes can leave half a line: `decode` says so with BadFrame.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from ..chat import Alternative, Branch, Embedding, Reason, Sampling, TokenLogprob, Usage
from ..errors import BadRequest, ContextOverflow, EngineFault, NotSupported, Overloaded, SwarmError, Unavailable
from .base import Card, Embedded, EngineOptions, Load, Loan, Piece

Frame = dict[str, Any]
PART = 2**17  # tokens or characters
CHANCE_DIGITS = 4


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


def refusal(name: str, error: SwarmError) -> Frame:
    return {"is": "refused", "id": name, "error": error_to_wire(error)}


def error_from_wire(wire: Frame) -> SwarmError:
    code = wire["code"]
    if code == ContextOverflow.code:
        return ContextOverflow(*wire["numbers"])
    if code == Overloaded.code:
        return Overloaded(wire["message"], wire["retry_after"])
    return next((kind for kind in (BadRequest, NotSupported) if kind.code == code), EngineFault)(wire["message"])


def options_to_wire(options: EngineOptions) -> Frame:
    return asdict(options) | {"path": str(options.path), "heads": str(options.heads) if options.heads else None}


def options_from_wire(wire: Frame) -> EngineOptions:
    heads = Path(wire["heads"]) if wire["heads"] else None
    loans = tuple(Loan(loan["endpoint"], tuple(loan["rooms"])) for loan in wire["loans"])
    return EngineOptions(**(wire | {"path": Path(wire["path"]), "heads": heads, "loans": loans}))


def card_from_wire(wire: Frame) -> Card:
    return Card(**(wire | {"markers": tuple((text, token) for text, token in wire.get("markers", ()))}))


def sampling_from_wire(wire: Frame) -> Sampling:
    pairs = tuple((int(token), float(bias)) for token, bias in wire["logit_bias"])
    return Sampling(**(wire | {"stop": tuple(wire["stop"]), "logit_bias": pairs}))


def load_from_wire(wire: list[int]) -> Load:
    return Load(*wire)


def load_to_wire(load: Load) -> list[int]:
    return [load.steps, load.waiting, load.running, load.cells_used, load.cells_cached, load.cells, load.memory]


def piece_to_wire(piece: Piece) -> list[Any]:
    """A list, not an object: this is sent for every token. The tokens themselves stand in the place of their number."""
    wire: list[Any] = [piece.job, piece.candidate, piece.text, piece.written or piece.tokens]
    if piece.logprobs or piece.reason:
        wire.append([_logprob_to_wire(entry) for entry in piece.logprobs])
    if piece.reason and piece.usage:
        wire += [piece.reason, piece.stop, piece.shortened]
        wire += [piece.usage.prompt, piece.usage.completion, piece.usage.cached]
        wire.append(_rounded(piece.chances))
        wire.append([[branch.tokens, _rounded(branch.chances)] for branch in piece.branches])
    return wire


def piece_from_wire(wire: list[Any]) -> Piece:
    job, candidate, text, counted, *rest = wire
    written: tuple[int, ...] = tuple(counted) if isinstance(counted, list) else ()
    tokens: int = len(written) or counted
    logprobs = tuple(_logprob_from_wire(entry) for entry in rest[0]) if rest else ()
    if len(rest) < 2:
        return Piece(job, candidate, text, logprobs, tokens=tokens, written=written)
    reason, stop, shortened, *counts, chances, begun = rest[1:]
    branches = tuple(Branch(tuple(tokens), tuple(chances)) for tokens, chances in begun)
    usage, why = Usage(*counts), cast(Reason, reason)
    return Piece(job, candidate, text, logprobs, why, usage, tokens, stop, shortened, tuple(chances), branches, written)


def _rounded(chances: Sequence[float]) -> list[float]:
    return [round(chance, CHANCE_DIGITS) for chance in chances]


def embedded_to_wire(embedded: Embedded) -> Frame:
    one = embedded.embedding
    return {"is": "part", "id": embedded.job, "part": [[one.tokens, *one.vector]], "more": not embedded.last}


def embeddings_from_wire(vectors: list[list[Any]]) -> list[Embedding]:
    return [Embedding(tuple(vector), tokens) for tokens, *vector in vectors]


def in_parts(name: str, whole: list[int] | str) -> Iterator[Frame]:
    for at in range(0, max(1, len(whole)), PART):
        yield {"is": "part", "id": name, "part": whole[at : at + PART], "more": at + PART < len(whole)}


def _logprob_to_wire(entry: TokenLogprob) -> list[Any]:
    return [entry.bytes.hex(), entry.logprob, [[one.bytes.hex(), one.logprob] for one in entry.top]]


def _logprob_from_wire(wire: list[Any]) -> TokenLogprob:
    text, logprob, top = wire
    return TokenLogprob(bytes.fromhex(text), logprob, tuple(Alternative(bytes.fromhex(t), p) for t, p in top))
