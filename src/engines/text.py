"""Bytes of tokens in, whole characters out, stop strings cut. Pure.

Two things are held back: the bytes of a character that is not complete yet, and text that may still
become a stop string. Nothing that was given out is ever taken back.
"""

import codecs
from collections import deque
from dataclasses import dataclass, field

from ..chat import TokenLogprob


@dataclass(frozen=True, slots=True)
class Given:
    """Text that is certain, with the log-probabilities of the tokens that it came from."""

    text: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()

    def and_then(self, more: "Given") -> "Given":
        return Given(self.text + more.text, self.logprobs + more.logprobs)


@dataclass(slots=True)
class TextStream:
    stops: tuple[str, ...] = ()
    stop: str = ""  # the one that came
    _held: str = ""
    _given: int = 0  # characters
    # Log-probabilities wait for the text of their token: (entry, where its text begins, where it ends).
    _entries: deque[tuple[TokenLogprob, int, int]] = field(default_factory=deque)
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )

    def push(self, piece: bytes, entry: TokenLogprob | None = None) -> Given:
        begin = self._given + len(self._held)
        self._held += self._decoder.decode(piece)
        if entry:
            self._entries.append((entry, begin, self._given + len(self._held)))
        cut = self._first_stop() if self.stops else None
        if cut is not None:
            self.stop = next(stop for stop in self.stops if self._held.startswith(stop, cut))
            text = self._give(cut)
            return Given(text, self._entries_before(self._given, whole=False))
        text = self._give(len(self._held) - self._doubtful())
        return Given(text, self._entries_before(self._given, whole=True))

    def finish(self) -> Given:
        """What was held back for a stop string that did not come. Half a character is dropped, not mangled."""
        if self.stop:
            return Given()
        text = self._give(len(self._held))
        return Given(text, self._entries_before(self._given, whole=True))

    def _first_stop(self) -> int | None:
        found = [at for stop in self.stops if (at := self._held.find(stop)) >= 0]
        return min(found, default=None)

    def _doubtful(self) -> int:
        """The longest end of the held text with which a stop string begins."""
        longest = max((len(stop) for stop in self.stops), default=0)
        for size in range(min(longest - 1, len(self._held)), 0, -1):
            end = self._held[-size:]
            if any(stop.startswith(end) for stop in self.stops):
                return size
        return 0

    def _give(self, count: int) -> str:
        text, self._held = self._held[:count], self._held[count:]
        self._given += count
        return text

    def _entries_before(self, place: int, whole: bool) -> tuple[TokenLogprob, ...]:
        """The waiting entries whose text ends (`whole`) or at least begins before this place."""
        ready = []
        while self._entries:
            entry, begin, end = self._entries[0]
            if end > place if whole else begin >= place:
                break
            ready.append(entry)
            self._entries.popleft()
        return tuple(ready)
