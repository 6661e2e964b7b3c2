"""What a lab tells its switch: lines of JSON over a socket, each with one reply."""

import json
import socket
import threading
from typing import Any, TypedDict

from .rules import Faults

REPLY_SECONDS = 10.0


class Port(TypedDict):
    """The descriptor is that of the TAP device, which the switch inherits."""

    host: str
    lan: int
    mac: str
    descriptor: int


class Plan(TypedDict):
    """What a switch is started with. `namespaces`: inodes of those that are swept when the lab ends."""

    control: int
    seed: int
    ports: list[Port]
    namespaces: list[int]


class Counts(TypedDict):
    sent: int
    dropped: int
    bytes: int


class Control:
    """The lab's end of the socket. Several threads may ask."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(REPLY_SECONDS)
        self._lock = threading.Lock()

    def rule(self, pairs: list[tuple[str, str]], faults: Faults) -> None:
        self._ask({"do": "rule", "pairs": pairs, "faults": faults})

    def clear(self, pairs: list[tuple[str, str]] | None) -> None:
        self._ask({"do": "clear", "pairs": pairs})

    def heal(self) -> None:
        self._ask({"do": "heal"})

    def capture(self, path: str | None) -> None:
        self._ask({"do": "capture", "path": path})

    def counts(self) -> Counts:
        counts: Counts = self._ask({"do": "counts"})
        return counts

    def close(self) -> None:
        self._connection.close()

    def _ask(self, order: dict[str, Any]) -> Any:
        with self._lock:
            self._connection.sendall(json.dumps(order).encode() + b"\n")
            reply = json.loads(self._line())
        if "error" in reply:
            raise ValueError(reply["error"])
        return reply["ok"]

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            part = self._connection.recv(65536)
            if not part:
                raise RuntimeError("The switch of the lab has ended.")
            line += part
        return line
