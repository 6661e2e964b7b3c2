"""Text that comes in pieces, and call readers written as if all of it were there.

A parser is a generator over a `Source`: it yields wherever it needs text that has not come yet, gives parts with
`say`, and returns behind the last call. A `Reader` runs it.
"""

from collections.abc import Callable, Generator
from typing import TypeVar

from ..family import Argued, Begun, CallPart, Ended, Plain
from ..json_end import JsonEnd

T = TypeVar("T")
Waiting = Generator[None, None, T]
Give = Callable[[str], None]
Parser = Callable[["Source"], Waiting[None]]

SPACE = " \t\r\n"


class NotACall(Exception):
    """The text is not what the form says."""


class Source:
    def __init__(self) -> None:
        self._text = ""
        self._at = 0  # so much of the text is taken
        self._kept = 0  # from here on it is not part of anything that was said
        self._ended = False
        self._open = False  # a call began and is not whole yet
        self._parts: list[CallPart] = []

    def add(self, text: str) -> None:
        self._text = self._text[self._kept :] + text
        self._at -= self._kept
        self._kept = 0

    def end(self) -> None:
        self._ended = True

    def said(self) -> list[CallPart]:
        parts, self._parts = self._parts, []
        return parts

    def say(self, part: CallPart) -> None:
        self._kept = self._at
        last = self._parts[-1] if self._parts else None
        if isinstance(part, Argued) and isinstance(last, Argued):
            self._parts[-1] = Argued(last.text + part.text)
        elif not isinstance(part, Argued) or part.text:
            self._parts.append(part)

    def begin(self, name: str) -> None:
        self.say(Begun(name))
        self._open = True

    def whole(self) -> None:
        """The call that began is whole."""
        self.say(Ended())
        self._open = False

    def argue(self, text: str) -> None:
        self.say(Argued(text))

    def drop(self) -> None:
        """What was taken is form: nobody needs it again."""
        self._kept = self._at

    def back(self, text: str) -> None:
        """Let this stand before what was not taken yet."""
        self._text = text + self._text[self._at :]
        self._at = self._kept = 0

    def give_up(self) -> None:
        """What was taken for nothing is text, unless it is the torn end of a call."""
        if self._at > self._kept and not self.torn:
            self.say(Plain(self._text[self._kept : self._at]))

    def left(self) -> str:
        return self._text[self._at :]

    @property
    def torn(self) -> bool:
        """The text ended inside a call."""
        return self._open and self._ended

    def next_is(self, characters: str) -> Waiting[bool]:
        """False also where the text ended."""
        while self._at == len(self._text) and not self._ended:
            yield
        return self._at < len(self._text) and self._text[self._at] in characters

    def space(self) -> Waiting[None]:
        while (yield from self.next_is(SPACE)):
            self._take(1)

    def word(self, stops: str) -> Waiting[str]:
        """The text before one of these characters."""
        pieces: list[str] = []
        while not (yield from self.next_is(stops)):
            if self._at == len(self._text):
                raise NotACall
            pieces.append(self._take(1))
        return "".join(pieces)

    def takes(self, *texts: str, spaced: bool = False) -> Waiting[str]:
        """Whichever of these stands next, the longest first; or nothing. `spaced`: white space may come before it."""
        while True:
            ahead = self._text[self._at :]
            bare = ahead.lstrip() if spaced else ahead
            if self._ended or not any(len(text) > len(bare) and text.startswith(bare) for text in texts):
                break
            yield
        found = max((text for text in texts if bare.startswith(text)), key=len, default="")
        if found:
            self._take(len(ahead) - len(bare) + len(found))
        return found

    def needs(self, *texts: str, spaced: bool = False) -> Waiting[str]:
        found = yield from self.takes(*texts, spaced=spaced)
        if not found:
            raise NotACall
        return found

    def until(self, give: Give, *stops: str) -> Waiting[bool]:
        """Gives the text before the first of these as it comes, and takes the stop. False: the text ended before it."""
        while True:
            found, size = self._first(stops)
            doubtful = len(self._text) if self._ended else self._first_doubt(stops)
            if found >= 0 and found <= doubtful:
                give(self._take(found - self._at))
                self._take(size)
                return True
            if doubtful > self._at:
                give(self._take(doubtful - self._at))
            if self._ended:
                return False
            yield

    def before(self, *stops: str) -> Waiting[str]:
        """The text before the first of these, which is taken too."""
        pieces: list[str] = []
        if not (yield from self.until(pieces.append, *stops)):
            raise NotACall
        return "".join(pieces)

    def arguments(self) -> Waiting[None]:
        """The JSON object of a call that has begun, as it comes."""
        if not (yield from self.next_is("{")):
            raise NotACall
        json = JsonEnd()
        while (end := json.feed(self._text[self._at :])) < 0:
            self.argue(self._take(len(self._text) - self._at))
            if self._ended:
                raise NotACall
            yield
        self.argue(self._take(end))

    def _take(self, size: int) -> str:
        self._at += size
        return self._text[self._at - size : self._at]

    def _first(self, stops: tuple[str, ...]) -> tuple[int, int]:
        """Where the first whole stop begins, and its length."""
        found = [(at, -len(stop)) for stop in stops if (at := self._text.find(stop, self._at)) >= 0]
        at, size = min(found, default=(-1, 0))
        return at, -size

    def _first_doubt(self, stops: tuple[str, ...]) -> int:
        """From here on the text may still become a stop."""
        longest = max(map(len, stops))
        for at in range(max(self._at, len(self._text) - longest + 1), len(self._text)):
            if any(stop.startswith(self._text[at:]) for stop in stops):
                return at
        return len(self._text)


class Reader:
    """A call reader out of a parser."""

    def __init__(self, parser: Parser) -> None:
        self._source = Source()
        self._parser = parser(self._source)
        self._rest: str | None = None

    def feed(self, text: str) -> list[CallPart]:
        self._source.add(text)
        return self._go()

    @property
    def rest(self) -> str | None:
        return self._rest

    def finish(self) -> list[CallPart]:
        if self._rest is not None:
            return []
        self._source.end()
        parts = self._go()
        left, self._rest = self._rest or "", ""
        return [*parts, Plain(left)] if left.strip() and not self._source.torn else parts

    def _go(self) -> list[CallPart]:
        try:
            next(self._parser)
        except StopIteration:
            self._rest = self._source.left()
        except NotACall:
            self._source.give_up()
            self._rest = self._source.left()
        return self._source.said()
