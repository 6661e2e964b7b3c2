"""Is there a vLLM already: one that a node before this one left, or one on the port that the user named?"""

import socket
import subprocess
from contextlib import closing

from ...engines.vllm.command import LOOPBACK
from ...errors import PortTaken, StartError
from ...state import State
from ...state.budget import AlreadyRunning
from . import asked, guarded, record
from .asked import Said
from .guarded import GRACE_SECONDS, GUARD, MORE_SECONDS
from .record import Record, base_of

CONNECT_SECONDS = 1.0


class OneAlready(StartError):
    code = "already_running"


def former(state: State, words: tuple[str, ...], name: str, key: str) -> Record | None:
    """One that is as it is wanted, to be taken over. One that is not is stopped: it is ours, and nobody's any more."""
    found = record.find(state)
    if found is None:
        return None
    if found.node.alive():
        raise _another(state, found)
    said = asked.ask_now(found.base, key)
    if found.words == words and said.healthy and name in said.models:
        return found
    stop(found)
    record.forget(state)
    return None


def _another(state: State, found: Record) -> StartError:
    """One node of a state folder runs one vLLM."""
    for server in state.servers.living():
        if server.process.pid == found.node.pid:
            return AlreadyRunning(server)
    return OneAlready(
        f"A node with this state folder (pid {found.node.pid}) is just starting vLLM with {found.name}. "
        "Use that one, or start another with: --port N --state-dir FOLDER"
    )


def stop(found: Record, grace: float = GRACE_SECONDS) -> None:
    """As the guard does it: politely, then not."""
    words = [*GUARD, "--grace", str(grace), *guarded.former(found.process)]
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=2 * (grace + MORE_SECONDS))


def foreign(port: int, name: str, key: str) -> bool:
    """Does one that serves this model listen there? False: nobody listens. PortTaken: somebody else does."""
    if not _listens(port):
        return False
    said = asked.ask_now(base_of(port), key)
    if name in said.models:
        return True
    raise PortTaken(_who(port, name, said))


def _listens(port: int) -> bool:
    try:
        with closing(socket.create_connection((LOOPBACK, port), CONNECT_SECONDS)):
            return True
    except OSError:
        return False


def _who(port: int, name: str, said: Said) -> str:
    other = "Take another port: --vllm-port N, or any: --vllm-port 0"
    if said.status in (401, 403):
        return f"The server on port {port} wants a key. Put it into the variable VLLM_API_KEY. {other}"
    if said.models:
        return f"The server on port {port} serves {', '.join(said.models)}, and not {name}. {other}"
    return f"Port {port} is taken by another program, which is no vLLM with {name}. {other}"
