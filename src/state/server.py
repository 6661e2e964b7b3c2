"""A server of a model on this machine, running or wanted."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .processes import Process

EVERY_ADDRESS = ("localhost", "0.0.0.0", "::", "")


class ServerState(StrEnum):
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Wanted:
    model: Path
    name: str
    context: int
    seats: int
    needs: Mapping[str, int]  # bytes by device; "ram" is the machine's own memory
    host: str = "localhost"
    port: int = 0  # 0 until it is known


@dataclass(frozen=True, slots=True)
class Server:
    id: int
    process: Process
    host: str
    port: int
    state: ServerState
    model: Path
    name: str
    context: int
    seats: int
    started_at: float
    heartbeat: float
    promised: Mapping[str, int]  # bytes by device

    @property
    def url(self) -> str | None:
        """Where this machine's own programs reach it; None before it listens."""
        host = "localhost" if self.host in EVERY_ADDRESS else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}" if self.port else None

    @property
    def at(self) -> str:
        return f"{self.url}, pid {self.process.pid}" if self.url else f"pid {self.process.pid}"
