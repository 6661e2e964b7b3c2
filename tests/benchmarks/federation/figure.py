"""One line of the table: what was asked, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`found` is to be at most `asked`, with `more` at least; None: nobody asked. `note`: how it was measured."""

    what: str
    asked: float | None
    found: float
    unit: str
    note: str = ""
    more: bool = False

    @property
    def met(self) -> bool:
        return self.asked is None or (self.found >= self.asked if self.more else self.found <= self.asked)

    @property
    def row(self) -> str:
        return f"| {self.what} | {self._bound} | {self.found:.3g} {self.unit} | {self._verdict} | {self.note} |"

    @property
    def _bound(self) -> str:
        if self.asked is None:
            return ""
        return f"at {'least' if self.more else 'most'} {self.asked:g} {self.unit}"

    @property
    def _verdict(self) -> str:
        if self.asked is None:
            return ""
        return "yes" if self.met else "**no**"


def table(figures: Sequence[Figure]) -> str:
    head = ["| what | asked | found | met | how |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(figure.row for figure in figures)])
