"""Where work on files is done: a slow disk must not hold the node."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import anyio.to_thread

Result = TypeVar("Result")
Given = TypeVarTuple("Given")


async def beside(work: Callable[[*Given], Result], *given: *Given) -> Result:
    """A call that is cancelled is not waited for: what it still does is bounded."""
    return await anyio.to_thread.run_sync(work, *given, abandon_on_cancel=True)
