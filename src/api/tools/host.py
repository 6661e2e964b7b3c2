"""What these routes need of a tool host."""

from collections.abc import Sequence
from typing import Protocol

from ...chat import Image, ToolCall, ToolSpec


class Result(Protocol):
    """`state`: done, failed, denied, cancelled, unknown, or client where only the user's own program can do it."""

    @property
    def id(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def images(self) -> Sequence[Image]: ...


class Tools(Protocol):
    def specs(self) -> Sequence[ToolSpec]: ...

    async def execute(self, call: ToolCall, who: str) -> Result:
        """An id runs once; asked again, what came of it. `who`: for the log."""
        ...
