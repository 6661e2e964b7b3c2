"""Our port, the hub that models come from, and the clock that its certificates are held against."""

import errno
import os
import socket
import time
from contextlib import closing
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from ...node.running import addresses
from .. import status
from ..client import Client
from ..connect import own_address
from .finding import Finding, Situation, fail, ok, warn

HUB_SECONDS = 4.0
NEIGHBOUR_SECONDS = 0.3
DAY = 86400
# Certificates and signatures bear some minutes.
MOST_SKEW = 300
NEIGHBOURS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp's server"}


def check_port(situation: Situation) -> Finding:
    host, port = situation.settings.host, situation.settings.port
    if port == 0:
        return ok("any free port")
    try:
        with closing(socket.create_server(_address(host, port), family=_family(host), reuse_port=False)):
            return ok(f"port {port} is free")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _taken(situation)
        return fail(
            f"nobody can listen on {host}, port {port} ({error.strerror})", "Take others: --host ADDRESS --port N"
        )


def check_clock(situation: Situation) -> Finding:
    """Against the newest of our own files: nothing can have been installed in the future."""
    installed = max(file.stat().st_mtime for file in Path(__file__).parent.iterdir())
    said = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    if time.time() < installed - DAY:
        return fail(f"it is {said}, before the day of the installation", _set_clock())
    return ok(said)


def check_hub(situation: Situation) -> Finding:
    hub = situation.settings.hub
    if situation.settings.offline:
        return ok("not asked, because of --offline")
    mend = "Check the network, take another hub (--hub URL), or work with what is there: --offline"
    try:
        date = _ask(hub)
    except (OSError, HTTPException, ValueError) as error:
        return warn(f"{hub} cannot be reached ({getattr(error, 'strerror', None) or error or 'no answer'})", mend)
    if date is not None and abs(date - time.time()) > MOST_SKEW:
        return warn(f"this clock and that of {hub} are {abs(date - time.time()) / 60:.0f} minutes apart", _set_clock())
    return ok(f"{hub} answers")


def check_neighbours(situation: Situation) -> Finding:
    """Nothing is wrong with them; but a client that asks the wrong one puzzles its user."""
    found = [f"port {port} (usually {name})" for port, name in NEIGHBOURS.items() if _answers(port)]
    if not found:
        return ok("none on the well-known ports")
    return ok(f"something answers on {' and '.join(found)}; clients of Local Swarm use {own_or_any(situation)}")


def own_or_any(situation: Situation) -> str:
    return f"port {situation.settings.port}" if situation.settings.port else "the port that a node prints"


def _taken(situation: Situation) -> Finding:
    port = situation.settings.port
    found = status.ask(Client(own_address(situation.settings), situation.settings.api_key))
    if found.state in ("ready", "loading"):
        return ok(f"our own node holds port {port} ({found.state})")
    if any(urlsplit(url).port == port for url in addresses(situation.settings.state_dir)):
        return warn(f"our own node holds port {port}, but: {found.message}", "See: python main.py status")
    mend = f"Stop what holds it, or take another: python main.py --auto --port {port % 65535 + 1}"
    return fail(f"port {port} is taken by another program", mend)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _address(host: str, port: int) -> tuple[str, int]:
    return ("127.0.0.1" if host == "localhost" else host, port)


def _ask(hub: str) -> float | None:
    """The hub's own time."""
    parts = urlsplit(hub)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(parts.hostname or "", parts.port, timeout=HUB_SECONDS)) as connection:
        connection.request("HEAD", parts.path or "/")
        date = connection.getresponse().getheader("Date")
    return parsedate_to_datetime(date).timestamp() if date else None


def _answers(port: int) -> bool:
    try:
        with closing(socket.create_connection(("127.0.0.1", port), NEIGHBOUR_SECONDS)):
            return True
    except OSError:
        return False


def _set_clock() -> str:
    return "Let the system set its clock by the network" if os.name == "nt" else "timedatectl set-ntp true"
