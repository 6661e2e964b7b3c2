"""One candidate while its pieces come in: engine's text to events, and in the end the whole message."""

from collections import deque
from collections.abc import Iterator

from ..chat import (
    Branch,
    Candidate,
    ChatRequest,
    Event,
    Finished,
    Message,
    Part,
    Reason,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
    Written,
)
from ..dialects.base import Delta, Scanner
from ..engines.base import Piece
from ..engines.text import TextStream

SHORTENED = "A value in this answer repeated itself and was ended there."


class Draft:
    def __init__(self, request: ChatRequest, index: int, scanner: Scanner | None) -> None:
        self._index = index
        self._scanner = scanner
        # Where the engine's text is scanned, stop strings count in what is said, not in calls or thoughts.
        self.stops = request.sampling.stop if scanner else ()
        self._stream = TextStream(self.stops)
        self._text: list[str] = []
        self._thoughts: list[str] = []
        self._calls: dict[int, ToolCall] = {}
        self._logprobs: list[TokenLogprob] = []
        self._waiting: deque[TokenLogprob] = deque()  # of text that is held back
        self._sure = 0  # bytes of the tokens whose entries were given
        self._written = self._thought = self._said = 0  # tokens, of which thoughts; bytes of text
        self._chances: tuple[float, ...] = request.begun.chances if request.begun else ()
        self._branches: tuple[Branch, ...] = ()
        self._end: Finished | None = None

    @property
    def over(self) -> bool:
        """Nothing more of it is wanted: a stop string came, or calls enough. The engine has still to say so."""
        return bool(self._stream.stop) or bool(self._scanner and self._scanner.over)

    def add(self, piece: Piece) -> list[Event]:
        events: list[Event] = []
        if not self.over:
            self._waiting += piece.logprobs
            self._written += piece.tokens
            if piece.written:
                # Before its text: whoever hears only this misses nothing that he was told.
                events.append(Written(piece.written, self._index))
            events += self._events(self._scan(piece), piece)
        if piece.reason:
            if not self.over:
                events += self._hold_nothing()
            events.append(self._finish(piece.reason, piece))
        return events

    def candidate(self, member: str) -> Candidate:
        end = self._end
        assert end, "the engine says how each candidate ended"
        thoughts, text = "".join(self._thoughts), "".join(self._text)
        parts: list[Part] = [Thinking(thoughts)] if thoughts else []
        parts += [Text(text)] if text else []
        message = Message("assistant", (*parts, *self._calls.values()))
        return Candidate(
            member, message, end.reason, end.usage, tuple(self._logprobs), end.stop, self._chances, self._branches
        )

    def _scan(self, piece: Piece) -> list[Delta]:
        if self._scanner is None:
            return [TextDelta(piece.text, self._index)] if piece.text else []
        deltas = self._scanner.feed(piece.text) if piece.text else []
        return deltas + (self._scanner.finish() if piece.reason else [])

    def _events(self, deltas: list[Delta], piece: Piece) -> Iterator[Event]:
        if any(isinstance(delta, ThinkingDelta) for delta in deltas):
            self._thought += piece.tokens
        for delta in deltas:
            if self._stream.stop:
                return
            match delta:
                case TextDelta(text):
                    yield from self._say(self._stream.push(text.encode()).text)
                case ThinkingDelta(text):
                    self._thoughts.append(text)
                    self._waiting.clear()
                    yield delta
                case ToolCallDelta(index, arguments, call_id, name):
                    yield from self._hold_nothing()
                    before = self._calls.get(index) or ToolCall(call_id, name, "")
                    self._calls[index] = ToolCall(before.id, before.name, before.arguments + arguments)
                    yield delta

    def _hold_nothing(self) -> Iterator[Event]:
        rest = self._stream.finish().text
        if rest:
            yield from self._say(rest)

    def _say(self, text: str) -> Iterator[Event]:
        """Log-probabilities go out with the text that their tokens begin in, and never before it is certain."""
        self._said += len(text.encode())
        entries = tuple(self._certain())
        if not (text or entries):
            return
        self._text.append(text)
        self._logprobs += entries
        yield TextDelta(text, self._index, entries)

    def _certain(self) -> Iterator[TokenLogprob]:
        while self._waiting and self._sure < self._said:
            entry = self._waiting.popleft()
            self._sure += len(entry.bytes)
            yield entry

    def _finish(self, reason: Reason, piece: Piece) -> Finished:
        usage = piece.usage or Usage(0, self._written)
        completion = self._written if self.over else usage.completion
        usage = Usage(usage.prompt, completion, usage.cached, min(self._thought, completion))
        if self.over and not (piece.shortened and reason == "length"):
            reason = "stop"
        if reason == "stop" and self._scanner and self._scanner.calls:
            reason = "tool_calls"
        warnings = (SHORTENED,) if piece.shortened else ()
        self._chances += piece.chances
        self._branches = piece.branches
        self._end = Finished(reason, usage, self._index, self._stream.stop or piece.stop, warnings)
        return self._end
