"""Where a node is reached."""

import socket
from dataclasses import dataclass

from ..api.guard import Access
from ..settings import Place


@dataclass(frozen=True, slots=True)
class Doors:
    """Open already. `host`: as the user named it. `access`: who may come in."""

    host: str
    sockets: list[socket.socket]
    access: Access

    @property
    def port(self) -> int:
        """Of all of them, where the user left the choice to the system too."""
        port: int = self.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://{Place(self.host, self.port)}"

    @property
    def api(self) -> str:
        """What clients of OpenAI's API are given."""
        return f"{self.url}/v1"
