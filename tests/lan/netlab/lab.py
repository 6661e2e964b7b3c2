"""A set of hosts, and the faults between them."""

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Unpack

from .host import Host
from .orders import Control, Counts, Plan, Port
from .rules import Faults

ROOT = Path(__file__).parents[3]

# A host, several, or "*": all.
Hosts = str | Iterable[str]


class Lab:
    """`hosts`: how many (h1 to hN on one LAN), or the LANs of each by name. The LANs are islands, so that the look-up
    of a name fails at once; with `default_route` each host has a way out of its first LAN where nothing answers."""

    def __init__(
        self, hosts: int | dict[str, list[str]] = 2, *, mtu: int = 1500, seed: int = 1, default_route: bool = False
    ) -> None:
        lans_of = {f"h{i}": ["lan0"] for i in range(1, hosts + 1)} if isinstance(hosts, int) else hosts
        numbers = {lan: i for i, lan in enumerate(sorted({lan for lans in lans_of.values() for lan in lans}))}
        self.hosts: dict[str, Host] = {}
        self._switch: subprocess.Popen[bytes] | None = None
        self._control: Control | None = None
        ports: list[Port] = []
        try:
            for number, (name, lans) in enumerate(lans_of.items(), 1):
                self.hosts[name] = Host(name, number, {lan: numbers[lan] for lan in lans})
                ports += self.hosts[name].plug_in(mtu, default_route)
            self._start_switch(ports, seed)
        except BaseException:
            self.close()
            raise
        finally:
            for port in ports:
                os.close(port["descriptor"])

    def _start_switch(self, ports: list[Port], seed: int) -> None:
        ours, theirs = socket.socketpair()
        self._control = Control(ours)
        namespaces = [host.namespace for host in self.hosts.values()]
        plan = Plan(control=theirs.fileno(), seed=seed, ports=ports, namespaces=namespaces)
        self._switch = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.switch", json.dumps(plan)],
            cwd=ROOT,
            pass_fds=[*(port["descriptor"] for port in ports), theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self.counts()  # answered once the switch forwards

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def link(self, a: Hosts = "*", b: Hosts = "*", *, both: bool = True, **faults: Unpack[Faults]) -> None:
        """Faults for the frames from `a` to `b`, and back. Those that are not named stay as they are."""
        self._told.rule(self._pairs(a, b, both), faults)

    def clear(self, a: Hosts | None = None, b: Hosts = "*") -> None:
        """Ends every fault, or those between `a` and `b`."""
        self._told.clear(None if a is None else self._pairs(a, b, both=True))

    def partition(self, *groups: Iterable[str]) -> None:
        """Cuts every two hosts that are not of one group; those that are in none form one more."""
        sides = [list(group) for group in groups]
        named = {name for side in sides for name in side}
        sides.append([name for name in self.hosts if name not in named])
        for a, b in itertools.combinations(sides, 2):
            self.link(a, b, cut=True)

    def heal(self) -> None:
        """Ends every cut. Loss, delay and the rest stay."""
        self._told.heal()

    def capture(self, path: Path | None) -> None:
        """Writes every frame that enters the switch to a pcap file; None ends it."""
        self._told.capture(None if path is None else str(path.absolute()))

    def counts(self) -> Counts:
        return self._told.counts()

    def close(self) -> None:
        """Ends every process in the hosts, then the switch; the namespaces go with them."""
        for host in self.hosts.values():
            host.end_processes()
        if self._control:
            self._control.close()
            self._control = None
        if self._switch:
            self._end_switch(self._switch)
            self._switch = None
        for host in self.hosts.values():
            host.close()
        self.hosts.clear()

    @staticmethod
    def _end_switch(switch: subprocess.Popen[bytes]) -> None:
        try:
            switch.wait(5)
        except subprocess.TimeoutExpired:
            switch.kill()
            switch.wait()

    @property
    def _told(self) -> Control:
        if self._control is None:
            raise RuntimeError("The lab is closed.")
        return self._control

    def _pairs(self, a: Hosts, b: Hosts, both: bool) -> list[tuple[str, str]]:
        one_way = [(x, y) for x in self._names(a) for y in self._names(b) if x != y]
        return one_way + [(y, x) for x, y in one_way] if both else one_way

    def _names(self, hosts: Hosts) -> list[str]:
        if hosts == "*":
            return list(self.hosts)
        names = [hosts] if isinstance(hosts, str) else list(hosts)
        return [self.hosts[name].name for name in names]  # a wrong name is an error


def unavailable() -> str:
    """Why no lab can be made here; empty where one can."""
    if not sys.platform.startswith("linux"):
        return "a lab needs Linux"
    if not shutil.which("ip"):
        return "a lab needs the command ip (iproute2)"
    try:
        with Lab(1):
            return ""
    except (OSError, RuntimeError) as error:
        return f"no lab can be made here (is this root?): {error}"
