"""Frames survive the way through a pipe, and rubbish is named as such."""

from dataclasses import asdict
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given
from localswarm.chat import Alternative, Sampling, TokenLogprob, Usage
from localswarm.engines import frames
from localswarm.engines.base import EngineOptions, Piece
from localswarm.errors import ContextOverflow, Overloaded

LOGPROB = TokenLogprob(b"\xf0\x9f", -0.5, (Alternative(b"a", -1.0), Alternative(b"\xff", -2.0)))


def through(frame: frames.Frame) -> frames.Frame:
    return frames.decode(frames.encode({"is": "test"} | frame))


@pytest.mark.parametrize(
    "piece",
    [
        Piece("j", 0, "text"),
        Piece("j", 3, "line\nbreak \u2028 🙂", (LOGPROB,)),
        Piece("j", 1, "", (), "stop", Usage(5, 6, 7)),
        Piece("j", 1, "end", (LOGPROB, LOGPROB), "length", Usage(5, 6, 7)),
        Piece("j", 1, "end", (), "stop", Usage(5, 6, 7), chances=(-0.25, -1.5)),
        Piece("j", 0, "text", tokens=2, written=(7, 0)),
        Piece("j", 1, "end", (LOGPROB,), "stop", Usage(5, 6, 7), tokens=1, written=(7,)),
    ],
)
def test_pieces(piece: Piece) -> None:
    wire = through({"pieces": [frames.piece_to_wire(piece)]})["pieces"][0]
    assert frames.piece_from_wire(wire) == piece


def test_options() -> None:
    options = EngineOptions(Path("/a b/c.gguf"), context=7)
    assert frames.options_from_wire(through({"options": frames.options_to_wire(options)})["options"]) == options


def test_sampling() -> None:
    sampling = Sampling(seed=3, stop=("a", "\n"), logit_bias=((5, -1.5),), logprobs=2)
    wire = through({"sampling": asdict(sampling)})["sampling"]
    assert frames.sampling_from_wire(wire) == sampling


def test_errors_keep_their_numbers() -> None:
    overflow = frames.error_from_wire(frames.error_to_wire(ContextOverflow(9000, 8192, at_least=True)))
    assert isinstance(overflow, ContextOverflow)
    assert "8192" in overflow.message and "at least 9000" in overflow.message
    busy = frames.error_from_wire(frames.error_to_wire(Overloaded("full", 7)))
    assert isinstance(busy, Overloaded) and busy.retry_after == 7


@given(st.binary())
def test_rubbish_is_a_bad_frame(line: bytes) -> None:
    try:
        frame = frames.decode(line)
    except frames.BadFrame:
        return
    assert isinstance(frame["is"], str)
