"""The way out of a value that repeats itself, found in the grammar alone: whatever the dialect, and whatever the value.

What would be written next is followed byte by byte, and at each place the grammar is asked what else could stand there.
A list is left by its bracket, an object by its brace, a text by what ends it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from llguidance import LLMatcher

from .spelling import Bits, Spelling

Kind = Literal["list", "text", "other"]

# JSON has it in texts alone, so where it may stand is the inside of one.
ONLY_IN_TEXTS = b"#"
QUOTE = b'"'
COMMA = b","
COLON = b":"
BRACKETS = (b"]", b"}")
NUMBER = frozenset(b"0123456789.eE+-")
# Of what stands between tags the grammar says how it ends.
END = re.compile(r"(?:\[suffix=|\} )(\"(?:[^\"\\]|\\.)*\")")
# Bytes of one repeated piece that are looked at.
MOST_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class WayOut:
    kind: Kind
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Exit:
    at: int  # bytes of the piece before it
    depth: int  # of brackets that the piece has open there
    end: bytes


@dataclass(slots=True)
class _Exits:
    brackets: list[_Exit] = field(default_factory=list)
    texts: list[_Exit] = field(default_factory=list)
    others: list[_Exit] = field(default_factory=list)

    def best(self) -> tuple[Kind, _Exit] | None:
        if self.brackets:
            # What was opened in the piece itself is not what repeats.
            return "list", min(self.brackets, key=lambda one: (one.depth, BRACKETS.index(one.end)))
        if self.texts:
            return "text", self.texts[0]
        if not self.others:
            return None
        # A text whose pattern leaves little room is one all the same.
        return "text" if self.others[0].end == QUOTE else "other", self.others[0]


class Leaving:
    def __init__(self, tokenizer: Any, spelling: Spelling, grammar: str) -> None:
        self._tokenizer = tokenizer
        between_tags = dict.fromkeys(json.loads(found).encode() for found in END.findall(grammar))
        self._ends = (QUOTE, COLON, *between_tags)
        self.spelling = spelling

    def way_out(self, matcher: LLMatcher, piece: Sequence[int]) -> WayOut | None:
        """`piece`: what is about to be repeated once more. None: it cannot be left, or needs not to be."""
        ahead: bytes = self._tokenizer.decode_bytes(list(piece))
        # Brackets that only close lead to the end by themselves.
        if len(ahead) > MOST_BYTES or not ahead.strip(b"]}"):
            return None
        exits = self._exits(matcher.deep_copy(), ahead)
        if exits is None:
            return None
        if best := exits.best():
            kind, way = best
            return WayOut(kind, tuple(self._tokens(ahead[: way.at] + way.end)))
        number = NUMBER.issuperset(ahead) and self._takes(matcher, ahead[:1])
        return self._behind_number(matcher) if number and not self._in_text(matcher) else None

    def homeward(self, matcher: LLMatcher, allowed: Bits) -> Bits:
        """The same tokens without those that lead to one more value where none is needed."""
        left = allowed & ~_fitted(self.spelling.joined, allowed)
        if not self._in_text(matcher) and any(self._takes(matcher, end) for end in BRACKETS):
            left &= ~_fitted(self.spelling.commas, allowed)
        return left if left.any() else allowed

    def is_whole(self, matcher: LLMatcher) -> bool:
        """The answer could end here, and not in the middle of words."""
        return matcher.is_accepting() and not self._in_text(matcher)

    def _exits(self, place: LLMatcher, ahead: bytes) -> _Exits | None:
        """None: the answer could end within the piece, which is then whole calls, or words outside of any value."""
        found = _Exits()
        depth = 0
        for at in range(len(ahead)):
            if place.is_accepting():
                return None
            coming, byte = ahead[at:] + ahead[:at], ahead[at : at + 1]
            if not self._takes(place, byte):
                # It cannot go on like this anyway: what ends here ends by itself.
                break
            if self._in_text(place):
                found.texts += [_Exit(at, depth, end) for end in self._ending(place, coming)]
            else:
                found.brackets += [_Exit(at, depth, end) for end in self._others(place, coming, BRACKETS)]
                found.others += [_Exit(at, depth, end) for end in self._others(place, coming, (COMMA, *self._ends))]
            depth += (byte in (b"[", b"{")) - (byte in BRACKETS)
            place.consume_tokens(self._tokens(byte))
        return found

    def _others(self, place: LLMatcher, coming: bytes, ends: Sequence[bytes]) -> Iterator[bytes]:
        return (end for end in ends if not coming.startswith(end) and self._takes(place, end))

    def _ending(self, place: LLMatcher, coming: bytes) -> Iterator[bytes]:
        """Of what could end this text, that behind which it has ended."""
        for end in self._others(place, coming, self._ends):
            behind = place.deep_copy()
            if behind.consume_tokens(self._tokens(end)) and not self._in_text(behind):
                yield end

    def _behind_number(self, place: LLMatcher) -> WayOut | None:
        """Anything but more of it: in some dialects a number is ended by a token that no text can spell."""
        bits = np.frombuffer(place.compute_bitmask(), np.uint8)
        for token in np.flatnonzero(np.unpackbits(bits, bitorder="little")):
            spelled = self.spelling.of(int(token))
            if spelled and spelled[0] not in NUMBER:
                return WayOut("other", (int(token),))
        return None

    def _in_text(self, place: LLMatcher) -> bool:
        return self._takes(place, ONLY_IN_TEXTS)

    def _takes(self, place: LLMatcher, text: bytes) -> bool:
        tokens = self._tokens(text)
        return bool(place.validate_tokens(tokens) == len(tokens))

    def _tokens(self, text: bytes) -> list[int]:
        tokens: list[int] = self._tokenizer.tokenize_bytes(text)
        return tokens


def _fitted(bits: Bits, other: Bits) -> Bits:
    """Made as long as the other: a mask comes in whole words."""
    return np.pad(bits, (0, len(other) - len(bits)))
