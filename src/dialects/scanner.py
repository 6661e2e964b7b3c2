"""What a model writes becomes deltas while it comes: text, thinking, calls."""

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..chat import TextDelta, ThinkingDelta, ToolCallDelta
from .base import Delta
from .family import Argued, Begun, CallPart, CallReader, Ended, Plain
from .repeats import Repeats
from .thinking import Stretch, Thoughts, partial_length

MakeReader = Callable[[], CallReader]


def new_id() -> str:
    return f"call_{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class Form:
    """What a grammar makes sure of. `heads`: what begins so is a call. `words`: there may be words as well, and with
    `mixed` in the same answer. Without `parallel` the answer ends with its first call."""

    heads: tuple[str, ...] = ()
    words: bool = True
    mixed: bool = True
    parallel: bool = True


class AnswerScanner:
    """`readers`: by the text with which a call begins, what reads it; `bare`: those that count only where the answer
    begins.

    White space around calls and thinking belongs to the form and is dropped; everything else is given exactly once,
    but for the head of a call that was cut off before its arguments.
    """

    def __init__(
        self,
        thoughts: Thoughts,
        readers: Mapping[str, MakeReader],
        bare: Mapping[str, MakeReader],
        candidate: int = 0,
        make_id: Callable[[], str] = new_id,
        form: Form = Form(),
    ) -> None:
        self._thoughts = thoughts
        self._readers = readers
        self._bare = bare
        self._candidate = candidate
        self._make_id = make_id
        self._form = form
        self._triggers = tuple(readers)
        self._any = re.compile("|".join(map(re.escape, sorted(readers, key=len, reverse=True))) or r"(?!)")
        self._held = ""
        self._gap = ""  # white space that is dropped should a call or a thought follow
        self._said = False
        self._behind = False  # a call or a thought
        self._reader: CallReader | None = None
        self._headed = False  # it reads what can only be a call
        self._repeats = Repeats()
        self._index = -1
        self._out: list[Delta] = []
        self.calls = 0

    @property
    def over(self) -> bool:
        return self._repeats.found or (self.calls > 0 and not self._form.parallel)

    def feed(self, text: str) -> list[Delta]:
        return self._take(self._thoughts.feed(text), last=False)

    def finish(self) -> list[Delta]:
        deltas = self._take([*self._thoughts.finish(), (False, "")], last=True)
        if self._gap and not self._behind:
            deltas.append(TextDelta(self._gap, self._candidate))
        self._gap = ""
        return deltas

    def _take(self, stretches: Iterable[Stretch], last: bool) -> list[Delta]:
        self._out = []
        waiting = deque(stretches)
        while waiting and not self.over:
            thinking, text = waiting.popleft()
            if thinking:
                self._gap, self._behind = "", True
                self._out += [ThinkingDelta(text, self._candidate)] if text else []
                continue
            self._held += text
            # An answer is always the last of the stretches: what a reader leaves comes right behind it.
            waiting += self._answer(last)
        return self._out

    def _answer(self, last: bool) -> list[Stretch]:
        if self._reader is None and not self._begins(last):
            return []
        reader, text, self._held = self._reader, self._held, ""
        assert reader
        plain = self._tell(reader.feed(text))
        if reader.rest is None and last:
            plain |= self._tell(self._cut_off(reader.finish()))
        if reader.rest is None:
            return []
        self._reader = None
        if plain:
            return [(False, reader.rest)]
        rest = self._thoughts.again(reader.rest)
        return rest + (self._thoughts.finish() if last else [])

    def _begins(self, last: bool) -> bool:
        """Says the text up to where a call may begin."""
        at, make = self._next_call(last)
        if make is None:
            self._hold(len(self._held) - at if self._held[at:] else self._unsure(last))
            return False
        self._hold(len(self._held) - at)
        self._reader = make()
        self._headed = self._held.startswith(self._form.heads)
        return True

    def _unsure(self, last: bool) -> int:
        """So many characters at the end are not said: not yet, or never where they can only begin a call."""
        if not last:
            return partial_length(self._held, self._triggers)
        only_calls = self._index >= 0 or not self._form.words
        return partial_length(self._held, self._form.heads) if only_calls else 0

    def _cut_off(self, parts: list[CallPart]) -> list[CallPart]:
        """The end of an answer without the head of a call that is not whole: nobody was to read that."""
        worded = self._said and self._index < 0
        if not self._headed or (worded and not self._form.mixed):
            return parts
        if any(isinstance(part, Plain) for part in parts):
            self._gap = ""
        return [part for part in parts if not isinstance(part, Plain)]

    def _next_call(self, last: bool) -> tuple[int, MakeReader | None]:
        """Where the next call may begin, and what reads it. None also where another trigger may still come of it."""
        found = self._any.search(self._held)
        at = found.start() if found else len(self._held)
        make = self._readers[found.group()] if found else None
        start = len(self._held) - len(self._held.lstrip())
        if not self._said and start < at and self._held[start] in self._bare:
            at, make = start, self._bare[self._held[start]]
        return (at, make) if last or not self._could_be_longer(at) else (at, None)

    def _could_be_longer(self, at: int) -> bool:
        begun = self._held[at:]
        return any(len(trigger) > len(begun) and trigger.startswith(begun) for trigger in self._triggers)

    def _hold(self, size: int) -> None:
        """Say all but the last characters of the text."""
        end = len(self._held) - size
        self._say(self._held[:end])
        self._held = self._held[end:]

    def _say(self, text: str) -> None:
        text = self._gap + text
        if self._behind:
            text = text.lstrip()
        said = text.rstrip()
        self._gap = text[len(said) :]
        if said:
            self._said, self._behind = True, False
            self._out.append(TextDelta(said, self._candidate))

    def _tell(self, parts: Iterable[CallPart]) -> bool:
        """Was there text among them?"""
        plain = False
        for part in self._repeats.sift(parts):
            if self.over:
                break
            match part:
                case Begun(name):
                    self._gap, self._behind, self._said = "", True, True
                    self._index += 1
                    self._out.append(ToolCallDelta(self._index, "", self._make_id(), name, self._candidate))
                case Argued(text):
                    self._out.append(ToolCallDelta(self._index, text, candidate=self._candidate))
                case Ended():
                    self.calls += 1
                case Plain(text):
                    plain = True
                    self._say(text)
        return plain
