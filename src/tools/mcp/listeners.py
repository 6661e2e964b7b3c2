"""Who has asked an MCP server of ours for its tools, and which they were then."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from weakref import WeakKeyDictionary

import anyio
from mcp.server.session import ServerSession

from ...chat import ToolSpec

SEND_SECONDS = 2.0


class Listeners:
    """By their sessions, for as long as these are there."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[ServerSession, str] = WeakKeyDictionary()

    def __bool__(self) -> bool:
        return bool(self._known)

    def note(self, session: ServerSession, specs: Sequence[ToolSpec]) -> None:
        """It knows these now."""
        self._known[session] = _mark(specs)

    async def tell(self, specs: Sequence[ToolSpec]) -> None:
        """These are there now. Whoever knows others is told so, once."""
        mark = _mark(specs)
        async with anyio.create_task_group() as group:
            for session, known in tuple(self._known.items()):
                if known != mark:
                    self._known[session] = mark
                    group.start_soon(_send, session)


async def _send(session: ServerSession) -> None:
    """One that reads nothing, or has left, keeps nobody waiting."""
    with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError), anyio.move_on_after(SEND_SECONDS):
        await session.send_tool_list_changed()


def _mark(specs: Sequence[ToolSpec]) -> str:
    """The same for the same tools, and small: there may be many sessions."""
    said = json.dumps([(spec.name, spec.description, spec.schema) for spec in specs])
    return hashlib.sha256(said.encode()).hexdigest()
