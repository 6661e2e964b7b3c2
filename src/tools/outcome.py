"""What came of a call, for whoever called."""

from dataclasses import dataclass
from typing import Literal

from ..chat import Image, ToolResult

# `unknown`: it may have run, wholly or in part, and is not run again. `client`: only the user's own program can do it.
State = Literal["done", "failed", "denied", "cancelled", "unknown", "client"]


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    tool: str
    state: State
    content: str
    images: tuple[Image, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.state == "done"

    @property
    def result(self) -> ToolResult:
        return ToolResult(self.id, self.content, self.tool, failed=not self.ok)
