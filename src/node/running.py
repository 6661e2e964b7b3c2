"""The nodes that run on this machine with one state folder. Quick: nothing of the server is loaded for it."""

from pathlib import Path

from ..state import State
from ..state.failures import StateUnusable
from ..state.opening import FILE
from ..state.server import Server, ServerState


def addresses(folder: Path) -> list[str]:
    """Those that can answer before those that load, and of these the latest first."""
    if not (folder / FILE).is_file():
        return []
    try:
        with State(folder) as state:
            living = state.servers.living()
    except StateUnusable:
        return []
    return [server.url for server in sorted(living, key=_rank) if server.url]


def _rank(server: Server) -> tuple[bool, float]:
    return server.state is not ServerState.READY, -server.started_at
