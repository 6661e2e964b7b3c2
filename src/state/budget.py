"""One engine for each budget of memory: is there a server to use, and is there room for another one? Pure."""

from collections.abc import Mapping, Sequence

from ..errors import StartError
from .server import Server, ServerState, Wanted

RAM = "ram"
SHORTEST_CONTEXT = 128


class AlreadyRunning(StartError):
    """For a node that wanted to serve what another one on this machine serves."""

    code = "already_running"

    def __init__(self, server: Server) -> None:
        if server.state is ServerState.READY:
            there = f"{server.name} is already running at {server.url} (pid {server.process.pid})"
        else:
            there = f"{server.name} is already being started ({server.at})"
        port = f"--port {server.port + 1} " if server.port else "--port N "
        super().__init__(f"{there}: use that one, or start another with {port}--state-dir FOLDER")
        self.server = server


class DoesNotFit(StartError):
    code = "does_not_fit"

    def __init__(self, wanted: Wanted, device: str, budget: int, holders: Sequence[Server]) -> None:
        super().__init__(_reason(wanted, device, budget, holders))
        self.device = device
        self.holders = holders


def reusable(wanted: Wanted, living: Sequence[Server]) -> Server | None:
    """A server of the same file that offers at least as much; the one that is ready first."""
    fitting = [
        server
        for server in living
        if server.model == wanted.model
        and server.context >= wanted.context
        and server.seats >= wanted.seats
        and server.state is not ServerState.STOPPING
    ]
    return min(fitting, key=lambda server: (server.state is not ServerState.READY, server.id), default=None)


def check_room(wanted: Wanted, budgets: Mapping[str, int], living: Sequence[Server]) -> None:
    """DoesNotFit for the first device that has not enough left for `wanted`."""
    for device, need in wanted.needs.items():
        holders = [server for server in living if server.promised.get(device)]
        if need > budgets.get(device, 0) - _held(device, holders):
            raise DoesNotFit(wanted, device, budgets.get(device, 0), holders)


def _held(device: str, holders: Sequence[Server]) -> int:
    return sum(server.promised[device] for server in holders)


def _reason(wanted: Wanted, device: str, budget: int, holders: Sequence[Server]) -> str:
    where = "memory" if device == RAM else f"memory on {device}"
    need = f"{wanted.name} needs {_gib(wanted.needs[device])} of {where}"
    if not holders or wanted.needs[device] > budget:
        shorter = max(SHORTEST_CONTEXT, wanted.context // 2)
        return (
            f"{need}, and models may use {_gib(budget)} of it on this machine. "
            f"Take a smaller model, or a shorter context: --context {shorter}"
        )
    left = max(0, budget - _held(device, holders))
    who = ", ".join(f"{server.name} ({server.at}) holds {_gib(server.promised[device])}" for server in holders)
    largest = max(holders, key=lambda server: server.promised[device])
    return (
        f"{need}, and of the {_gib(budget)} that models may use {_gib(left)} are left: {who}. "
        f"Stop one with: kill {largest.process.pid}"
    )


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"
