"""The calls of one candidate, put together from the pieces in which servers send them. Pure.

By the book each piece has an index, and the first of a call its id and name. Some servers leave the index out, give
every call the index 0, or repeat id and name in every piece: a new id begins a new call, an index alone goes on.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...chat import ToolCall, ToolCallDelta
from .chunks import CallPart
from .utf8 import Mender
from .wish import Wish, parsed


@dataclass(slots=True)
class _Open:
    index: int | None  # the server's
    theirs: str  # the id as the server gave it
    id: str
    name: str = ""
    arguments: str = ""
    told: bool = False  # its id and name went out
    mender: Mender = field(default_factory=Mender)


class Calls:
    def __init__(self, candidate: int, wish: Wish) -> None:
        self._candidate = candidate
        self._wish = wish
        self._open: list[_Open] = []
        self.wrong = ""  # with one of them, and cannot become right any more

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def left_out(self) -> int:
        """Those that came beside the one that was asked for."""
        return len(self._open) - len(self._kept)

    def add(self, part: CallPart) -> Iterator[ToolCallDelta]:
        at = self._find(part)
        call, arguments = self._open[at], self._open[at].mender.push(part.arguments)
        call.arguments += arguments
        call.name = call.name or part.name
        if at >= len(self._kept) or not call.name:
            return
        self.wrong = self.wrong or self._wish.refuses_call(call.name) or _refuses_beginning(call)
        if self.wrong:
            return
        if call.told:
            yield from self._arguments(at, arguments)
        else:
            call.told = True
            yield ToolCallDelta(at, "", call.id, call.name, self._candidate)
            yield from self._arguments(at, call.arguments)

    def finish(self) -> Iterator[ToolCallDelta]:
        """A call without arguments is one with an empty object."""
        for at, call in enumerate(self._kept):
            if call.told and not call.arguments.strip():
                call.arguments = "{}"
                yield from self._arguments(at, "{}")

    def broken(self) -> str:
        """What is wrong with one of them; empty where all are whole."""
        for call in self._kept:
            if not call.told:
                return "wrote a call without a name"
            if fault := _refuses_arguments(call):
                return fault
        return ""

    def whole(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(call.id, call.name, call.arguments) for call in self._kept if call.told)

    @property
    def _kept(self) -> list[_Open]:
        return self._open if self._wish.parallel else self._open[:1]

    def _arguments(self, at: int, arguments: str) -> Iterator[ToolCallDelta]:
        if arguments:
            yield ToolCallDelta(at, arguments, candidate=self._candidate)

    def _find(self, part: CallPart) -> int:
        for at in reversed(range(len(self._open))):
            if self._continues(self._open[at], part, at):
                return at
        self._open.append(_Open(part.index, part.id, part.id or f"call_{uuid.uuid4().hex[:24]}"))
        return len(self._open) - 1

    def _continues(self, call: _Open, part: CallPart, at: int) -> bool:
        if part.id:
            return part.id == call.theirs
        if part.index is not None:
            return part.index == call.index
        # Neither: what has a name begins, anything else goes on with the last.
        return not part.name and at == len(self._open) - 1


def _refuses_beginning(call: _Open) -> str:
    """It can be known before the end."""
    return "" if call.arguments.lstrip()[:1] in ("", "{") else _no_object(call)


def _refuses_arguments(call: _Open) -> str:
    try:
        value = parsed(call.arguments)
    except (ValueError, RecursionError):
        return f"wrote a call of '{call.name}' whose arguments are not JSON"
    return "" if isinstance(value, dict) else _no_object(call)


def _no_object(call: _Open) -> str:
    return f"wrote a call of '{call.name}' whose arguments are no JSON object"
