"""Calls as JSON objects between two markers, alone or in an array."""

import re
from collections.abc import Callable, Collection

from .family import CallPart, Plain
from .json_call import JsonCall

LABEL = re.compile(r"[A-Za-z_]*")


class JsonCalls:
    """A CallReader. `labels`: what may stand right behind the opening marker, as in a fence: ```json."""

    def __init__(
        self, names: frozenset[str], opening: str = "", closing: str = "", labels: Collection[str] = ()
    ) -> None:
        self._names = names
        self._opening = opening
        self._closing = closing
        self._labels = labels
        self._held = ""
        self._raw = ""  # since the opening or the last call, until it is sure that there is one
        self._array = False
        self._doubled = False  # {{ ... }}, as templates show it that were written with Python's formatting in mind
        self._call = JsonCall(names)
        self._calls = 0
        self._parts: list[CallPart] = []
        self._phase: Callable[[], bool] = self._open
        self.rest: str | None = None

    def feed(self, text: str) -> list[CallPart]:
        self._parts = []
        self._held += text
        if not self._call.begun:
            self._raw += text
        while self.rest is None and self._phase():
            pass
        return self._parts

    def finish(self) -> list[CallPart]:
        if self._call.begun:
            return self._call.finish()
        return [Plain(self._raw)] if self._raw and self._phase != self._behind else []

    # Each phase takes what is its own from the held text. False: more text is needed.

    def _open(self) -> bool:
        if len(self._held) < max(len(self._opening), 1):
            return False
        self._held = self._held[len(self._opening) :]
        self._phase = self._label if self._labels else self._before
        return True

    def _label(self) -> bool:
        label = LABEL.match(self._held)
        assert label, "it matches nothing as well"
        if label.end() == len(self._held) and any(one.startswith(label[0]) for one in self._labels):
            return False
        if label[0] not in self._labels:
            return self._fail()
        self._held = self._held[label.end() :]
        self._phase = self._before
        return True

    def _before(self) -> bool:
        self._held = self._held.lstrip()
        if not self._held:
            return False
        if self._held[0] == "[" and not self._array and not self._calls:
            self._array, self._held = True, self._held[1:]
            return True
        if self._held == "{":
            return False
        if self._held.startswith("{{"):
            self._doubled, self._held = True, self._held[1:]
        self._call = JsonCall(self._names)
        self._phase = self._inside
        return True

    def _inside(self) -> bool:
        text, self._held = self._held, ""
        self._parts += self._call.feed(text)
        if self._call.failed:
            return self._fail()
        if self._call.rest is None:
            return False
        self._calls += 1
        self._held = self._raw = self._call.rest
        self._call = JsonCall(self._names)
        self._phase = self._behind
        return True

    def _behind(self) -> bool:
        more = self._held.lstrip()
        if not more:
            return False
        if self._doubled and more[0] == "}":
            self._doubled, self._held = False, more[1:]
        elif self._array and more[0] in ",]":
            self._array, self._held = more[0] == ",", more[1:]
            self._phase = self._before if self._array else self._behind
        elif self._closing and more.startswith(self._closing):
            self.rest = more[len(self._closing) :]
        elif self._closing.startswith(more):
            return False
        elif more[0] in "{;":
            self._held = more.lstrip(";")
            self._phase = self._before
        else:
            self.rest = self._held
        return True

    def _fail(self) -> bool:
        """Only the marker becomes text at once: what follows it may hold another one."""
        own = 0 if self._calls else max(len(self._opening), 1)
        if own:
            self._parts.append(Plain(self._raw[:own]))
        self.rest = self._raw[own:]
        return False
