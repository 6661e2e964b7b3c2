"""Reads calls in a form that is not the family's, where the grammar enforces those as well.

What the grammar took for the head of such a call is one, and its arguments are told while they come. What it took for
text may still be a call that a careful reader knows (one with its keys in another order). If it is none it is text, up
to where it was no head any more: from there both look for the next marker.
"""

import re
from collections.abc import Callable

from .careful import Careful
from .family import Argued, Begun, CallPart, Ended, Plain
from .grammar.heads import FENCE, SPACE, TAG_END, TAIL, Parts, Strays, reach, whole
from .json_end import JsonEnd

NAME = re.compile(r'.*"name"\s*:\s*"([^"]*)"', re.DOTALL)
BEHIND = re.compile(TAIL)
CLOSINGS = (FENCE, TAG_END)


class Head:
    """Up to the bracket of the arguments. `own`: what begins a call of the family's form, where words may stand."""

    def __init__(self, lead: Parts, named: Parts, own: tuple[str, ...] = ()) -> None:
        self._parts = (*lead, *named, SPACE, "{")
        self._lead = re.compile(whole(lead))
        self._own = own
        self.expression = re.compile(whole(self._parts))

    def reach(self, text: str, at: int = 0) -> int:
        """Up to where the text from there on is the beginning of it. To the grammar the name is a word of its own, and
        where a call of the family begins instead that is the longer one."""
        end = reach(self._parts, text, at)
        lead = self._lead.match(text, at)
        for mark in self._own if lead and end < len(text) else ():
            assert lead
            if text.startswith(mark, lead.end()) and lead.end() + len(mark) > end:
                return lead.end()
            if mark.startswith(text[lead.end() :]):
                return len(text)
        return end


class Heads:
    """What begins a call, as the grammar of one answer has it."""

    def __init__(self, strays: Strays, own: tuple[str, ...]) -> None:
        """`own`: what begins one of the family's form."""
        named = strays.named()
        fenced = Head(strays.fenced(), named, own)
        self.by_trigger = dict.fromkeys(strays.openings, fenced)
        if strays.bare:
            bare = Head(strays.object(), named, own)
            self.by_trigger |= dict.fromkeys(("{", "[") if strays.listed else ("{",), bare)
        self.next = Head(strays.next(), named)
        self._fenced = fenced
        self._own = own
        marks = sorted((*own, *strays.openings), key=len, reverse=True)
        self._marks = re.compile("|".join(map(re.escape, marks)))
        self._longest = len(marks[0])

    def behind(self, text: str, at: int) -> tuple[int, bool]:
        """Up to where the text from there on is words for certain, and whether a call begins there."""
        while found := self._marks.search(text, at):
            start = found.start()
            if found.group() in self._own:
                return start, True
            at = self._fenced.reach(text, start)
            if at == len(text):
                return start, self._fenced.expression.fullmatch(text, start) is not None
        return max(at, len(text) - self._longest + 1), False


class Stray:
    """A CallReader for text that begins with `trigger`. `careful`: what reads what nothing enforced."""

    def __init__(self, heads: Heads, trigger: str, careful: Careful) -> None:
        self._heads = heads
        self._head: Head | None = heads.by_trigger[trigger]
        self._careful = careful
        self._held = ""  # since the trigger or since the last call
        self._words = 0  # so much of it is nothing else for the grammar
        self._arguments = JsonEnd()
        self._parts: list[CallPart] = []
        self._phase: Callable[[str], str] = self._look
        self.rest: str | None = None

    def feed(self, text: str) -> list[CallPart]:
        self._parts = []
        while text and self.rest is None:
            text = self._phase(text)
        return self._parts

    def finish(self) -> list[CallPart]:
        """What stands behind an enforced call can only be the beginning of another one, and nobody was to read that."""
        return self._careful.finish() if self._phase == self._look else []

    # Each phase gives back what it leaves for the next one.

    def _look(self, text: str) -> str:
        """Whoever knows first what it is has all of it."""
        character, text = text[0], text[1:]
        self._held += character
        if character == "{" and self._head and self._head.expression.fullmatch(self._held):
            return self._begin(self._held, text)
        parts = self._careful.feed(character)
        if any(isinstance(part, Begun) for part in parts):
            self._parts += parts
            self._head, self._held, self._words = None, "", 0
        elif self._careful.rest is not None and not self._head:
            self._parts += parts
        elif self._careful.rest is not None and self._head:
            return self._give_up(self._head.reach(self._held), text)
        elif self._call_begins():
            return self._give_up(self._words, text)
        if self._careful.rest is not None:
            self.rest = self._careful.rest + text
        return text

    def _call_begins(self) -> bool:
        """One that the grammar knows, behind what was no head."""
        if not self._words:
            known = self._head.reach(self._held) if self._head else 0
            if known == len(self._held):
                return False
            self._words = known
        self._words, begins = self._heads.behind(self._held, self._words)
        return begins

    def _give_up(self, place: int, text: str) -> str:
        self._parts.append(Plain(self._held[:place]))
        self.rest = self._held[place:] + text
        return ""

    def _begin(self, head: str, text: str) -> str:
        name = NAME.match(head)
        assert name, "each head has one"
        self._parts.append(Begun(name[1]))
        self._arguments, self._held, self._phase = JsonEnd(), "", self._argue
        return "{" + text

    def _argue(self, text: str) -> str:
        end = self._arguments.feed(text)
        self._parts.append(Argued(text if end < 0 else text[:end]))
        if end < 0:
            return ""
        self._parts.append(Ended())
        self._phase = self._close
        return text[end:]

    def _close(self, text: str) -> str:
        """Up to the next call."""
        self._held += text
        tail = BEHIND.match(self._held)
        behind = self._held[tail.end() :] if tail else self._held.lstrip()
        if not behind or (tail and any(one.startswith(behind) for one in CLOSINGS)):
            return ""
        if tail and (head := self._heads.next.expression.match(behind)):
            return self._begin(head.group(), behind[head.end() :])
        if not tail or self._heads.next.reach(behind) < len(behind):
            self.rest = behind if tail else self._held
        return ""
