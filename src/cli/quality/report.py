"""All that one run of `bench quality` found out, as JSON. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .row import Row
from .summary import Figures


@dataclass(frozen=True, slots=True)
class Report:
    models: list[str]
    own_node: bool
    candidates: int
    seed: int
    data: str  # the folder of the questions, where they are not those that come along
    notes: list[str]  # what was left out, and why
    figures: Sequence[Figures]
    rows: Sequence[Row]

    @property
    def title(self) -> str:
        whose = "a node of its own" if self.own_node else "the node that runs"
        return f"{', '.join(self.models)}; {whose}; votes of {self.candidates}"

    def json(self) -> dict[str, Any]:
        return asdict(self)
