"""Small models that are let to call several tools call the same one with the same arguments again and again. Pure.

A call that may still become the repetition of an earlier one is held back until it differs; one that never does is
dropped, and nothing good comes behind it.
"""

from collections.abc import Iterable, Iterator

from .family import Argued, Begun, CallPart, Ended, Plain


class Repeats:
    def __init__(self) -> None:
        self._whole: list[tuple[str, str]] = []
        self._name = ""
        self._arguments = ""
        self._held: list[CallPart] = []
        self._holding = False
        self.found = False

    def sift(self, parts: Iterable[CallPart]) -> Iterator[CallPart]:
        """These parts without what is held back or dropped, with what is certain now; one by one, for a repetition
        ends what comes behind it, and not what was read along with it."""
        for part in parts:
            yield from self._sift(part)

    def _sift(self, part: CallPart) -> list[CallPart]:
        match part:
            case Begun(name):
                self._name, self._arguments, self._held = name, "", []
                self._holding = self._may_repeat()
            case Argued(text):
                self._arguments += text
                self._holding = self._holding and self._may_repeat()
            case Ended():
                return self._end(part)
            case Plain():
                self._holding = False
        return self._pass_on(part)

    def _end(self, part: CallPart) -> list[CallPart]:
        call = self._name, self._arguments
        if self._holding and call in self._whole:
            self._held, self._holding, self.found = [], False, True
            return []
        self._whole.append(call)
        self._holding = False
        return self._pass_on(part)

    def _pass_on(self, part: CallPart) -> list[CallPart]:
        self._held.append(part)
        if self._holding:
            return []
        parts, self._held = self._held, []
        return parts

    def _may_repeat(self) -> bool:
        return any(name == self._name and arguments.startswith(self._arguments) for name, arguments in self._whole)
