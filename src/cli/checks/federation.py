"""The swarm: this machine's code, its place in the network, and the others, from both ends."""

import errno
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ... import settings as setting
from ...errors import StartError, SwarmError
from ...node.running import addresses
from ...settings import Settings
from ..client import Client
from ..machines import clean, name
from . import enclosed, multicast
from .finding import Finding, Situation, fail, ok, warn

if TYPE_CHECKING:
    from ...node.lookout import Seen, Where

NOT_USED = "not used, because of --no-federation"
PEER = "name one machine of the swarm: --peer HOST"
GUEST = "take both into the same network (no guest network), and switch off client isolation in the router"
UPDATE = "Update Local Swarm on the older one of the two"


def check_swarm(situation: Situation) -> Finding:
    # Here and in the others, not above: where cryptography cannot be loaded, the other checks still tell why.
    from ...node import lookout

    settings = situation.settings
    if not settings.federation:
        return ok(NOT_USED)
    if settings.open:
        return warn("an open swarm: whoever is in this network takes part", "Leave out --open, and a code is made")
    try:
        has_code = lookout.has_code(settings)
    except StartError as error:
        cause, _, mend = error.message.partition(". ")
        return fail(cause, mend)
    known = lookout.known_names(settings)
    if not has_code:
        return ok("no code yet; the first start makes one")
    return ok(f"this machine has a code, and knows {', '.join(map(clean, known)) or 'no other machine yet'}")


def check_network(situation: Situation) -> Finding:
    from ...node import lookout

    if not situation.settings.federation:
        return ok(NOT_USED)
    return network(lookout.where(situation.settings), enclosed.in_container(), enclosed.in_wsl2())


def network(found: "Where", container: bool, wsl2: bool) -> Finding:
    if found.missing:
        return fail(
            f"this machine has no address {found.missing}", "Take one that it has (--host ADDRESS), or leave that out"
        )
    if found.alone:
        return warn("this machine is in no network", "Connect it, and see whether --host names an address of it alone")
    told = ", then ".join(found.addresses)
    if wsl2 and enclosed.behind(found.addresses):
        mend = (
            "Write networkingMode=mirrored below [wsl2] in .wslconfig of Windows, or run Local Swarm in Windows itself"
        )
        return warn(f"WSL2 lies behind Windows, where others do not reach it at {told}", mend)
    if container and enclosed.behind(found.addresses):
        mend = "Give the container the network of its host: docker run --network host"
        return warn(f"a container lies behind its host, where others do not reach it at {told}", mend)
    if found.tunnels or found.virtual:
        what = "a VPN" if found.tunnels else "containers or virtual machines"
        return warn(f"the only network is that of {what}: {told}", "Connect a real one, or choose: --host ADDRESS")
    return ok(f"others reach this machine at {told}")


def check_multicast(situation: Situation) -> Finding:
    from ...node import lookout

    if not situation.settings.federation:
        return ok(NOT_USED)
    interfaces = lookout.where(situation.settings).interfaces
    deaf = {interface: why for interface, address in interfaces if (why := _deaf(address))}
    return hearing([interface for interface, _ in interfaces], deaf)


def hearing(interfaces: Sequence[str], deaf: Mapping[str, str]) -> Finding:
    if not interfaces:
        return warn("there is no network for it", f"Connect one, or {PEER}")
    if not deaf:
        return ok(f"what this machine sends comes back on {', '.join(interfaces)}")
    cause = ", ".join(f"{why} on {interface}" for interface, why in deaf.items())
    return warn(cause, f"Let UDP port {multicast.PORT} through the firewall of this machine, or {PEER}")


def check_swarm_port(situation: Situation) -> Finding:
    from ...node import lookout

    settings = situation.settings
    if not settings.federation:
        return ok(NOT_USED)
    node = _node(settings)
    if node:
        return reached(lookout.asked_back(settings, str(node.get("id"))), lookout.port_of(settings))
    return _free(settings.swarm_port)


def reached(answers: Mapping[str, bool], port: int) -> Finding:
    """`answers`: whether each machine that can be asked reaches this one."""
    reaching, failing = ([clean(name) for name, does in answers.items() if does is is_so] for is_so in (True, False))
    if not answers:
        return ok("a node runs here, and there is no other machine that could try to reach it")
    if not reaching:
        return fail(f"{', '.join(failing)} cannot reach this machine", through_firewall(port, sys.platform))
    if failing:
        return warn(
            f"{', '.join(reaching)} can reach this machine, and {', '.join(failing)} cannot",
            f"Where they are in other networks of the house, join these; else {GUEST}",
        )
    return ok(f"{', '.join(reaching)} can reach this machine")


def through_firewall(port: int, platform: str) -> str:
    if platform == "win32":
        return "Allow Python in the Windows firewall, for private networks"
    if platform == "darwin":
        return "Allow Python to take connections: System Settings, Network, Firewall"
    ways = f"sudo ufw allow {port}/tcp, or sudo firewall-cmd --permanent --add-port={port}/tcp and --reload"
    return f"Let TCP port {port} through the firewall of this machine: {ways}"


def check_machines(situation: Situation) -> Finding:
    from ...node import lookout

    settings = situation.settings
    if not settings.federation:
        return ok(NOT_USED)
    node = _node(settings)
    return machines(lookout.seen(settings, str(node.get("id")) if node else ""))


def machines(found: Sequence["Seen"]) -> Finding:
    """The worst first."""
    ours = [one for one in found if one.ours]
    for one in ours:
        who = f"{_called(one)} ({one.place})"
        if one.announces and not one.connects:
            mend = f"Let its port through the firewall there; on Wi-Fi {GUEST}"
            return fail(f"{who} is seen, and takes no connection", mend)
        if one.trouble:
            return fail(f"{who}: {clean(one.trouble, 300)}", f"{UPDATE}, or see there: python main.py doctor")
    silent = [one for one in ours if not one.connects]
    if silent:
        names = ", ".join(f"{_called(one)} ({one.place})" for one in silent)
        return warn(f"of the swarm and not there now: {names}", f"Where it is on: same network? If so, {PEER}")
    if unseen := [_called(one) for one in ours if not one.announces]:
        return warn(f"{', '.join(unseen)} can be talked with, and multicast does not tell of it", f"Else, {PEER}")
    return ok(_who_is_there(ours, [one for one in found if not one.ours]))


def _who_is_there(ours: Sequence["Seen"], strangers: Sequence["Seen"]) -> str:
    here = f"{', '.join(map(_called, ours))} can be talked with" if ours else "no other machine of the swarm is seen"
    if not strangers:
        return here
    there = ", ".join(map(_called, strangers))
    return f"{here}; not of it: {there} (to join: python main.py swarm pair, on one of the two)"


def _called(one: "Seen") -> str:
    return name({"name": one.name, "id": one.id})


def _deaf(address: str) -> str:
    try:
        return "" if multicast.echoes(address) else "nothing comes back"
    except OSError as error:
        return f"it may not be used ({error.strerror})"


def _node(settings: Settings) -> Mapping[str, Any] | None:
    """What the node of this state folder tells of itself; None where none runs."""
    node = (told(settings) or {}).get("node")
    return node if isinstance(node, dict) else None


def told(settings: Settings) -> Mapping[str, Any] | None:
    """What the node of this state folder tells of the swarm; None where none runs."""
    running = addresses(settings.state_dir)
    if not running:
        return None
    try:
        return Client(running[0], settings.api_key or _key(settings)).federation()
    except SwarmError:
        return None


def _key(settings: Settings) -> str | None:
    try:
        return (settings.state_dir / setting.KEY_FILE).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _free(port: int) -> Finding:
    try:
        with closing(socket.create_server(("", port), reuse_port=False)):
            return ok(f"port {port} is free" if port else "any free port")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return fail(f"nobody can listen on port {port} ({error.strerror})", "Take another: --swarm-port N")
        return fail(
            f"port {port} is taken by another program", f"Stop that one, or take another: --swarm-port {port + 1}"
        )
