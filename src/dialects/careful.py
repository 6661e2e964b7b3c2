"""Calls that nothing enforced: each is held back until it is whole, and is text again where it is none.

The name must have been offered, and the arguments must satisfy its schema.
"""

import json
from collections.abc import Mapping
from typing import Any

from .family import Argued, Begun, CallPart, CallReader, Ended, Plain
from .grammar.check import problems

# The schemas of the arguments of what was offered, by name.
Schemas = Mapping[str, dict[str, Any]]


class Careful:
    """A CallReader around another one. `strict`: a call that was cut off is text as well."""

    def __init__(self, reader: CallReader, schemas: Schemas, strict: bool = False) -> None:
        self._reader = reader
        self._schemas = schemas
        self._strict = strict
        self._raw: list[str] = []
        self._name: str | None = None
        self._arguments: list[str] = []
        self._failed = False  # what follows is not for the reader, which takes it for the end of a call
        self.rest: str | None = None

    def feed(self, text: str) -> list[CallPart]:
        parts: list[CallPart] = []
        # One character at a time: then it is known to the character what belongs to which call.
        for at, character in enumerate(text):
            self._raw.append(character)
            for part in self._reader.feed(character):
                parts += self._weigh(part)
            if self._failed or self._reader.rest is not None:
                self.rest = ("" if self._failed else self._reader.rest or "") + text[at + 1 :]
                break
        return parts

    def finish(self) -> list[CallPart]:
        parts = [weighed for part in self._reader.finish() for weighed in self._weigh(part)]
        if self._name is None:
            return parts
        if self._strict or self._name not in self._schemas:
            return [*parts, Plain("".join(self._raw))]
        return [*parts, Begun(self._name), Argued("".join(self._arguments))]

    def _weigh(self, part: CallPart) -> list[CallPart]:
        match part:
            case Begun(name):
                self._name, self._arguments = name, []
                return []
            case Argued(text):
                self._arguments.append(text)
                return []
            case Plain():
                self._raw = []
                return [part]
        return self._end()

    def _end(self) -> list[CallPart]:
        name, arguments, raw = self._name, "".join(self._arguments), "".join(self._raw)
        self._name, self._arguments, self._raw = None, [], []
        if name is None or name not in self._schemas or not _satisfies(arguments, self._schemas[name]):
            self._failed = True
            return [Plain(raw)]
        return [Begun(name), Argued(arguments), Ended()]


def _satisfies(text: str, schema: dict[str, Any]) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not problems(value, schema)
