"""One candidate while its pieces come in: engine's text to events, and in the end the whole message."""

from collections.abc import Iterator

from ..chat import (
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
)
from ..dialects.base import Delta, Scanner
from ..engines.base import Piece
from ..engines.text import TextStream


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
        self._waiting: list[TokenLogprob] = []  # of text that is held back
        self._prompt = self._written = self._thought = 0  # tokens
        self._end: Finished | None = None

    @property
    def ended(self) -> bool:
        return self._end is not None

    def begin(self, prompt_tokens: int) -> None:
        self._prompt = prompt_tokens

    def add(self, piece: Piece) -> list[Event]:
        if self._end:
            return []
        self._waiting += piece.logprobs
        self._written += piece.tokens
        events = [*self._events(self._scan(piece), piece)]
        if self._stream.stop:
            events.append(self._finish("stop", piece, self._stream.stop))
        elif self._scanner and self._scanner.repeats:
            events.append(self._finish("stop", piece, ""))
        elif piece.reason:
            events += self._hold_nothing()
            events.append(self._finish(piece.reason, piece, piece.stop))
        return events

    def candidate(self, member: str) -> Candidate:
        end = self._end
        assert end, "the engine says how each candidate ended"
        thoughts, text = "".join(self._thoughts), "".join(self._text)
        parts: list[Part] = [Thinking(thoughts)] if thoughts else []
        parts += [Text(text)] if text else []
        message = Message("assistant", (*parts, *self._calls.values()))
        return Candidate(member, message, end.reason, end.usage, tuple(self._logprobs), end.stop)

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
                    self._waiting = []
                    yield delta
                case ToolCallDelta(index, arguments, call_id, name):
                    yield from self._hold_nothing()
                    before = self._calls.get(index) or ToolCall(call_id, name, "")
                    self._calls[index] = ToolCall(before.id, before.name, before.arguments + arguments)
                    yield delta
        if not deltas and self._waiting and not self._scanner:
            yield from self._say("")

    def _hold_nothing(self) -> Iterator[Event]:
        rest = self._stream.finish().text
        if rest:
            yield from self._say(rest)

    def _say(self, text: str) -> Iterator[Event]:
        """Log-probabilities go out with the text that they made sure of."""
        if not text and not (self._waiting and not self._scanner):
            return
        entries, self._waiting = tuple(self._waiting), []
        self._text.append(text)
        self._logprobs += entries
        yield TextDelta(text, self._index, entries)

    def _finish(self, reason: Reason, piece: Piece, stop: str) -> Finished:
        usage = piece.usage or Usage(self._prompt, self._written)
        usage = Usage(usage.prompt, usage.completion, usage.cached, min(self._thought, usage.completion))
        whole = self._scanner.calls if self._scanner else 0
        said = "tool_calls" if whole and reason == "stop" and not stop else reason
        self._end = Finished(said, usage, self._index, stop)
        return self._end
