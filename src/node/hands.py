"""Whose tools models of this node use, and which other nodes may use those of this one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import anyio

from ..chat import Outcome, ToolCall, ToolSpec
from ..errors import Forbidden, SettingError
from ..federation.federation import Federation, machine_name
from ..federation.toolbox import Toolbox
from ..settings import Settings
from ..settings.tools import ANY_HOST
from ..state.peers import KnownPeer
from ..swarm.distant import Distant
from ..swarm.hands import Hands
from ..swarm.neighbours import ToolPlace
from ..tools.client import HttpHost
from .tool_members import FLAG, members
from .tools import ToolServer

HERE = "this machine"
INSTEAD = (
    "--execute-client-tools: what clients declare as read, write, edit, bash, webfetch and the like is carried out by "
    "the tool host, in its folder, and not where they run; they do not see these calls, and are not asked"
)
NOWHERE = "--execute-client-tools does nothing: no tool host is used here (--tool-server, or --tool-host)"
Say = Callable[[str], None]


class Arms:
    """`own`: the tool host that this node is. `distant`: that of another machine, which is used then. `note`: for the
    user, at the start."""

    def __init__(self, own: ToolServer | None = None, distant: Distant | None = None, note: str = "") -> None:
        self.own = own
        self._distant = distant
        self.note = note

    @property
    def hands(self) -> Hands | None:
        return self._distant or self.own

    def place(self) -> ToolPlace | None:
        if self._distant:
            return self._distant.place
        return ToolPlace(HERE, tuple(self.own.names())) if self.own else None

    async def run(self) -> None:
        async with anyio.create_task_group() as group:
            for one in (self.own, self._distant):
                if one:
                    group.start_soon(one.run)


def check(settings: Settings, known: Sequence[KnownPeer] = ()) -> None:
    """SettingError where the tools that were asked for can never be used. `known`: machines of the swarm."""
    if settings.tool_server:
        members(settings.tool_members, known)
    wanted = settings.tool_host
    if wanted is None:
        return
    if settings.open:
        raise SettingError("There are no tools in an open swarm: leave out --tool-host, or --open.")
    if "://" in wanted:
        HttpHost(wanted)
    elif not settings.federation:
        raise SettingError(
            "A tool host of the swarm is looked for among its machines, and --no-federation is given. Leave that out, "
            "or give the address of a tool host: --tool-host https://HOST:17616"
        )


def arms(settings: Settings, own: ToolServer | None, federation: Federation | None, say: Say) -> Arms:
    """What was named goes before what is here; `any` does not."""
    found = _arms(settings, own, federation, say)
    if settings.execute_client_tools:
        found.note = "; ".join(filter(None, (found.note, INSTEAD if found.hands else NOWHERE)))
    return found


def _arms(settings: Settings, own: ToolServer | None, federation: Federation | None, say: Say) -> Arms:
    wanted = settings.tool_host
    if wanted is None or (own and wanted in (ANY_HOST, machine_name(), "localhost")):
        return Arms(own)
    if "://" in wanted:
        host = HttpHost(wanted, settings.tool_key)
        return Arms(own, Distant(lambda: host, say), f"models use the tools at {wanted}")
    if federation is None:
        return Arms(own)
    toolbox = Toolbox(lambda: federation.life, None if wanted == ANY_HOST else wanted)
    whose = "the first machine of the swarm that has some" if wanted == ANY_HOST else wanted
    return Arms(own, Distant(toolbox.find, say), f"models use the tools of {whose}")


@dataclass(frozen=True, slots=True)
class Shared:
    """The tools of this node for others of its swarm. `members`: the ids of those that may; empty: all."""

    server: ToolServer
    members: Collection[str] = ()

    @property
    def note(self) -> str:
        """For the user, at the start."""
        who = ", ".join(sorted(self.members)) or f"all machines of the swarm (fewer: {FLAG} ID)"
        return f"these may use the tools of this one: {who}"

    def names(self) -> Sequence[str]:
        return self.server.names()

    def admit(self, id: str) -> Hands:
        if self.members and id not in self.members:
            raise Forbidden(
                f"{machine_name()} does not let this machine use its tools. Its user can: {FLAG} "
                f"{','.join([*sorted(self.members), id])}"
            )
        return Guest(self.server, id)


@dataclass(frozen=True, slots=True)
class Guest:
    """A node that calls: its ids are its own."""

    server: ToolServer
    id: str

    async def specs(self) -> Sequence[ToolSpec]:
        return await self.server.specs()

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        return await self.server.execute(call, who, session, self.id)
