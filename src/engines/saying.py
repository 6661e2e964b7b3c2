"""Chosen tokens become pieces of an answer: its text, and why it ends. Pure but for the sequence."""

from collections.abc import Set
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..chat import Reason, TokenLogprob, Usage
from .base import Piece
from .branching import branches, note
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


def begin(vocabulary: Vocabulary, sequence: Sequence) -> None:
    """What it begins with counts as its own, and is told with what it writes first."""
    weighed = sequence.job.sampling.logprobs is not None
    for token in sequence.job.begun:
        if token in vocabulary.end_tokens:
            sequence.ending = token
            return
        sequence.sampler.follow(token)
        # How likely it was is known to whoever saw it written; its place among the others is kept.
        entry = TokenLogprob(vocabulary.piece(token), 0.0) if weighed else None
        sequence.untold = sequence.untold.and_then(_add(vocabulary, sequence, token, entry))
        if sequence.text.stop:
            return
    if sequence.job.begun and sequence.sampler.finished:
        sequence.ending = min(vocabulary.end_tokens)


def write(vocabulary: Vocabulary, sequence: Sequence, logits: NDArray[np.float32]) -> Piece:
    """What one step brings for it: the token that it chooses, and those that have to follow."""
    if sequence.text.stop:
        return last(sequence, _begun(sequence), "stop")
    if sequence.ending is not None:
        return say(vocabulary, sequence, [sequence.ending], None)
    if sequence.written >= sequence.limit:
        return last(sequence, _begun(sequence), "length")
    token, entry = sequence.sampler.next(logits)
    note(vocabulary, sequence)
    forced = [] if token in vocabulary.end_tokens else sequence.sampler.forced()
    return say(vocabulary, sequence, [token, *forced], entry)


def say(vocabulary: Vocabulary, sequence: Sequence, tokens: list[int], entry: TokenLogprob | None) -> Piece:
    """The first token was chosen; the others follow by grammar without being asked for. An end token is the last."""
    said = _begun(sequence)
    for at, token in enumerate(tokens):
        if token in vocabulary.end_tokens:
            return last(sequence, said, sequence.sampler.reason)
        said = said.and_then(_add(vocabulary, sequence, token, entry if at == 0 else None))
        if sequence.text.stop:
            return last(sequence, said, "stop")
        if sequence.written >= sequence.limit:
            return last(sequence, said, "length")
    if sequence.sampler.finished:
        return last(sequence, said, sequence.sampler.reason)
    count, written = _untold(sequence)
    return Piece(sequence.job.id, sequence.candidate, said.text, said.logprobs, tokens=count, written=written)


def last(sequence: Sequence, said: Given, reason: Reason) -> Piece:
    """The piece with which it ends, and what was held back until now."""
    said = said.and_then(sequence.text.finish())
    count, written = _untold(sequence)
    return Piece(
        sequence.job.id,
        sequence.candidate,
        said.text,
        said.logprobs,
        reason,
        usage=Usage(sequence.prompt, sequence.written, min(sequence.cached or 0, sequence.prompt)),
        tokens=count,
        stop=sequence.text.stop,
        shortened=sequence.sampler.shortened,
        chances=tuple(weighed.chance for weighed in sequence.sampler.weighed),
        branches=branches(sequence),
        written=written,
    )


def _add(vocabulary: Vocabulary, sequence: Sequence, token: int, entry: TokenLogprob | None) -> Given:
    sequence.tokens.append(token)
    if sequence.job.sampling.measured:
        sequence.spelled.append(vocabulary.marked(token))
    bytes_of = vocabulary.marked if sequence.job.special else vocabulary.piece
    return sequence.text.push(bytes_of(token), entry)


def _begun(sequence: Sequence) -> Given:
    """What it began with, the first time."""
    said, sequence.untold = sequence.untold, Given()
    return said


def _untold(sequence: Sequence) -> tuple[int, tuple[int, ...]]:
    """So many tokens that no piece told of yet, and these themselves where they are traced."""
    count, sequence.told = sequence.written - sequence.told, sequence.written
    return count, tuple(sequence.tokens[-count:]) if sequence.job.sampling.traced and count else ()
