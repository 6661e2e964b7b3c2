"""One call written as a JSON object with a name and arguments, read while it comes in."""

import json
import re
from typing import Any

from .family import Argued, Begun, CallPart, Ended
from .json_end import JsonEnd

# Most models write the name first and the arguments last: those are passed on while they come.
NAME = re.compile(r'\s*\{\s*(?:"type"\s*:\s*"function"\s*,\s*)?"name"\s*:\s*("(?:[^"\\]|\\.)*")')
HEAD = re.compile(NAME.pattern + r'\s*,\s*"(?:arguments|parameters)"\s*:\s*(?=\{)')
TYPE = re.compile(r'\s*\{\s*"type"\s*:\s*"([^"]*)"')
KEY = re.compile(r'\s*(?:\{\s*(?:"([^"]*)("?))?)?')
KEYS = ("name", "arguments", "parameters", "type", "id", "function")


class JsonCall:
    """`failed`: it is no call to one of these names. `rest`: the text behind the object, once that ended."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._held = ""
        self._object = JsonEnd()
        self._arguments: JsonEnd | None = None
        self._tail: str | None = None  # what follows the arguments
        self.begun = False
        self.failed = False
        self.rest: str | None = None

    def feed(self, text: str) -> list[CallPart]:
        if self._tail is not None:
            return self._close(text)
        if self._arguments:
            return self._pass_on(self._arguments, text)
        end = self._object.feed(text)
        before, self._held = len(self._held), self._held + text
        head = HEAD.match(self._held)
        if head and _string(head[1]) in self._names:
            self.begun, self._arguments = True, JsonEnd()
            return [Begun(_string(head[1])), *self._pass_on(self._arguments, self._held[head.end() :])]
        if self._hopeless():
            self.failed = True
            return []
        return self._whole(before + end) if end >= 0 else []

    def finish(self) -> list[CallPart]:
        return [Ended()] if self._tail is not None and self.rest is None else []

    def _pass_on(self, arguments: JsonEnd, text: str) -> list[CallPart]:
        end = arguments.feed(text)
        if end < 0:
            return [Argued(text)] if text else []
        self._tail = ""
        return [Argued(text[:end]), *self._close(text[end:])]

    def _close(self, text: str) -> list[CallPart]:
        """The object's own end; models forget its bracket, or write more keys before it."""
        tail = self._tail = (self._tail or "") + text
        more = tail.lstrip()
        if not more:
            return []
        end = JsonEnd(1).feed(tail) if more[0] in ",}" else 0
        if end < 0:
            return []
        self.rest = tail[end:]
        return [Ended()]

    def _whole(self, end: int) -> list[CallPart]:
        found = _read(self._held[:end])
        if not found or found[0] not in self._names:
            self.failed = True
            return []
        self.begun, self.rest = True, self._held[end:]
        return [Begun(found[0]), Argued(found[1]), Ended()]

    def _hopeless(self) -> bool:
        """Does the beginning show already that it is something else?"""
        key = KEY.match(self._held)
        assert key, "it matches nothing as well"
        if key.end() < len(self._held) and not key[2]:
            return True
        if key[1] is not None and not any(one == key[1] if key[2] else one.startswith(key[1]) for one in KEYS):
            return True
        kind, name = TYPE.match(self._held), NAME.match(self._held)
        return bool(kind and kind[1] != "function") or bool(name and _string(name[1]) not in self._names)


def _string(text: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return ""


def _read(text: str) -> tuple[str, str] | None:
    """The name and the arguments, in whatever order, also below `function` and as a text of their own."""
    value = _object(text)
    if value and isinstance(value.get("function"), dict):
        value = value["function"]
    if not value or not isinstance(value.get("name"), str):
        return None
    arguments = value.get("arguments", value.get("parameters"))
    if isinstance(arguments, str):
        arguments = _object(arguments)
    return (value["name"], json.dumps(arguments, ensure_ascii=False)) if isinstance(arguments, dict) else None


def _object(text: str) -> dict[str, Any] | None:
    """Models write line ends into strings as they are; that much is forgiven."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
