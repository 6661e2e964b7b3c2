"""The switch of a lab, a process of its own: python -m tests.lan.netlab.switch PLAN."""

import heapq
import itertools
import json
import os
import random
import select
import signal
import socket
import sys
import time
from typing import Any

from . import frames, namespaces
from .capture import Capture
from .orders import Counts, Plan, Port
from .rules import Rule

# Read from one port before the others are looked at again, so that none starves the rest.
BATCH = 64


class Switch:
    def __init__(self, ports: list[Port], control: socket.socket, seed: int) -> None:
        self._ports = {port["descriptor"]: port for port in ports}
        self._by_mac = {(port["lan"], _mac(port)): port for port in ports}
        self._control = control
        self._rng = random.Random(seed)
        self._rules: dict[tuple[str, str], Rule] = {}
        self._counts = Counts(sent=0, dropped=0, bytes=0)
        self._late: list[tuple[float, int, int, bytes]] = []
        self._order = itertools.count()
        self._capture: Capture | None = None
        self._inbox = b""

    def run(self) -> None:
        """Until the lab closes its end of the control socket."""
        poll = select.poll()
        for descriptor in (self._control.fileno(), *self._ports):
            os.set_blocking(descriptor, descriptor not in self._ports)
            poll.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll(self._pause()):
                if descriptor in self._ports:
                    self._read(self._ports[descriptor])
                elif not self._obey():
                    return
            self._send_late()

    def _pause(self) -> float | None:
        return max(0.0, (self._late[0][0] - time.monotonic()) * 1000) if self._late else None

    def _read(self, port: Port) -> None:
        now = time.monotonic()
        for _ in range(BATCH):
            try:
                frame = os.read(port["descriptor"], 65536)
            except BlockingIOError:
                return
            self._counts["bytes"] += len(frame)
            if self._capture:
                self._capture.add(frame)
            for target in self._targets(port, frame):
                self._forward(port, target, frame, now)

    def _targets(self, port: Port, frame: bytes) -> list[Port]:
        if frames.multicast(frame):
            return [other for other in self._ports.values() if other["lan"] == port["lan"] and other is not port]
        hit = self._by_mac.get((port["lan"], frames.target(frame)))
        return [hit] if hit is not None else []

    def _forward(self, source: Port, target: Port, frame: bytes, now: float) -> None:
        rule = self._rules.get((source["host"], target["host"]))
        times = rule.departures(frame, now, self._rng) if rule else (now,)
        self._counts["sent" if times else "dropped"] += 1
        for due in times:
            if due > now:
                heapq.heappush(self._late, (due, next(self._order), target["descriptor"], frame))
            else:
                self._put(target["descriptor"], frame)

    def _send_late(self) -> None:
        now = time.monotonic()
        while self._late and self._late[0][0] <= now:
            _, _, descriptor, frame = heapq.heappop(self._late)
            self._put(descriptor, frame)

    def _put(self, descriptor: int, frame: bytes) -> None:
        try:
            os.write(descriptor, frame)
        except OSError:  # the interface is down or full
            self._counts["dropped"] += 1

    def _obey(self) -> bool:
        data = self._control.recv(65536)
        *lines, self._inbox = (self._inbox + data).split(b"\n")
        for line in lines:
            self._control.sendall(json.dumps(self._reply(json.loads(line))).encode() + b"\n")
        return bool(data)

    def _reply(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"ok": self._do(order)}
        except (ValueError, OSError) as error:  # the lab raises it
            return {"error": str(error)}

    def _do(self, order: dict[str, Any]) -> Counts | None:
        match order["do"]:
            case "rule":
                for source, target in order["pairs"]:
                    self._rules.setdefault((source, target), Rule()).update(order["faults"])
            case "clear":
                for pair in list(self._rules) if order["pairs"] is None else map(tuple, order["pairs"]):
                    self._rules.pop(pair, None)
            case "heal":
                for rule in self._rules.values():
                    rule.cut = False
            case "capture":
                self._record(order["path"])
            case "counts":
                return self._counts
            case unknown:
                raise ValueError(f"The switch knows no order {unknown!r}.")
        return None

    def _record(self, path: str | None) -> None:
        if self._capture:
            self._capture.close()
        self._capture = Capture(path) if path else None


def _mac(port: Port) -> bytes:
    return bytes.fromhex(port["mac"].replace(":", ""))


def main(text: str) -> None:
    plan: Plan = json.loads(text)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        Switch(plan["ports"], socket.socket(fileno=plan["control"]), plan["seed"]).run()
    finally:
        namespaces.sweep(plan["namespaces"])


if __name__ == "__main__":
    main(sys.argv[1])
