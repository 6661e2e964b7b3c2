"""Chosen tokens become pieces of an answer: its text, and why it ends. Pure but for the sequence."""

from collections.abc import Set
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..chat import Reason, TokenLogprob, Usage
from .base import Piece
from .sequence import Sequence
from .text import Given


class Vocabulary(Protocol):
    @property
    def end_tokens(self) -> Set[int]: ...

    def piece(self, token: int) -> bytes:
        """The bytes of a token in an answer; control tokens have none."""
        ...

    def marked(self, token: int) -> bytes:
        """The bytes of a token, those of control tokens too."""
        ...


def write(vocabulary: Vocabulary, sequence: Sequence, logits: NDArray[np.float32]) -> Piece:
    """What one step brings for it: the token that it chooses, and those that have to follow."""
    token, entry = sequence.sampler.next(logits)
    forced = [] if token in vocabulary.end_tokens else sequence.sampler.forced()
    return say(vocabulary, sequence, [token, *forced], entry)


def say(vocabulary: Vocabulary, sequence: Sequence, tokens: list[int], entry: TokenLogprob | None) -> Piece:
    """The first token was chosen; the others follow by grammar without being asked for. An end token is the last."""
    said = Given()
    bytes_of = vocabulary.marked if sequence.job.special else vocabulary.piece
    for at, token in enumerate(tokens):
        if token in vocabulary.end_tokens:
            return last(sequence, said, at, sequence.sampler.reason)
        sequence.tokens.append(token)
        said = said.and_then(sequence.text.push(bytes_of(token), entry if at == 0 else None))
        if sequence.text.stop:
            return last(sequence, said, at + 1, "stop")
        if sequence.written >= sequence.limit:
            return last(sequence, said, at + 1, "length")
    if sequence.sampler.finished:
        return last(sequence, said, len(tokens), sequence.sampler.reason)
    return Piece(sequence.job.id, sequence.candidate, said.text, said.logprobs, tokens=len(tokens))


def last(sequence: Sequence, said: Given, count: int, reason: Reason) -> Piece:
    """The piece with which it ends, and what was held back until now."""
    said = said.and_then(sequence.text.finish())
    return Piece(
        sequence.job.id,
        sequence.candidate,
        said.text,
        said.logprobs,
        reason,
        usage=Usage(sequence.prompt, sequence.written, sequence.cached or 0),
        tokens=count,
        stop=sequence.text.stop,
        shortened=sequence.sampler.shortened,
        chances=tuple(sequence.sampler.chances),
    )
