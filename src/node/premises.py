"""What every node has before it is known what will compute its answers."""

import secrets
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ..api.guard import Access
from ..api.origins import Origins
from ..errors import PortTaken, SettingError, StartError
from ..settings import Settings
from ..state import State
from ..state.budget import AlreadyRunning
from ..swarm.upstream.server import UpstreamServer
from . import key, upstreams
from .doors import Doors
from .hands import check
from .listen import listen
from .tool_port import listen_for_tools, open_tool_port
from .tools import ToolServer, tool_server


@dataclass(frozen=True, slots=True)
class Premises:
    """Nothing of it runs yet. `name`: of this node, among servers that may lead back to it. `tools`: None
    where it is no tool host."""

    settings: Settings
    state: State
    name: str
    upstreams: Sequence[UpstreamServer]
    tools: ToolServer | None

    def look(self) -> None:
        """At the doors, which are opened only when somebody answers there: a download may lie in between, or the end
        of what a former node left."""
        with ExitStack() as looked_at:
            self._sockets(looked_at)
            listen_for_tools(self.settings, looked_at)

    def open(self, closing: ExitStack) -> Doors:
        """That of its tools too. PortTaken, or AlreadyRunning where it is a node of this machine."""
        settings = self.settings
        sockets = self._sockets(closing)
        doors = Doors(settings.host, sockets, Access(key.needed(settings), origins=Origins(settings.allow_origin)))
        open_tool_port(self.tools, settings, doors.access, closing)
        return doors

    def _sockets(self, closing: ExitStack) -> list[socket.socket]:
        try:
            return [closing.enter_context(each) for each in listen(self.settings.host, self.settings.port)]
        except PortTaken as error:
            raise self._who(error) from None

    def _who(self, error: PortTaken) -> StartError:
        """A node of our own says more than `another program`."""
        for server in self.state.servers.living():
            if server.port == self.settings.port:
                return AlreadyRunning(server)
        return error


def premises_of(settings: Settings) -> Premises:
    """SettingError where the settings ask for what cannot be."""
    name = secrets.token_hex(8)
    others = upstreams.servers(settings, name)
    state = State(settings.state_dir)
    check(settings, state.peers.all())
    return Premises(settings, state, name, others, tool_server(settings))


def check_log(log: Path, whose: str) -> None:
    """SettingError where nothing can be written into it."""
    if log.is_dir():
        raise SettingError(f"{log} is a folder, and {whose} log goes there. Move it away.")
