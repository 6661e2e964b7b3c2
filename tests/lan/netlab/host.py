"""One machine of a lab."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from . import namespaces
from .orders import Port
from .processes import kill, shut

P = ParamSpec("P")
T = TypeVar("T")

Command = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Plug:
    """Where a host is plugged into a LAN."""

    interface: str
    mac: str
    ip4: str
    ip6: str

    def commands(self, mtu: int) -> list[str]:
        """For `ip -batch`."""
        return [
            f"link set {self.interface} address {self.mac} mtu {mtu}",
            f"addr add {self.ip4}/24 broadcast + dev {self.interface}",
            # Without the wait for a double of the address, which takes longer than many a test.
            f"addr add {self.ip6}/64 dev {self.interface} nodad",
            f"link set {self.interface} up",
        ]


class Host:
    def __init__(self, name: str, number: int, lans: dict[str, int]) -> None:
        """`lans`: by name, the number of each."""
        self.name, self.number = name, number
        self._lans = lans
        self._plugs = {lan: plug(f"eth{i}", lans[lan], number) for i, lan in enumerate(lans)}
        self._processes: list[subprocess.Popen[str]] = []
        self._net, self._uts = namespaces.make(name)

    @property
    def ip(self) -> str:
        return next(iter(self._plugs.values())).ip4

    @property
    def ip4(self) -> dict[str, str]:
        """The address on each LAN."""
        return {lan: plug.ip4 for lan, plug in self._plugs.items()}

    @property
    def ip6(self) -> dict[str, str]:
        return {lan: plug.ip6 for lan, plug in self._plugs.items()}

    @property
    def namespace(self) -> int:
        """The inode of the network."""
        return os.fstat(self._net).st_ino

    def plug_in(self, mtu: int, default_route: bool) -> list[Port]:
        """Gives the ports for the switch, whose descriptors are the caller's to close."""
        commands = ["link set lo up"]
        ports = []
        for lan, plug in self._plugs.items():
            descriptor = self.call(namespaces.tap, plug.interface)
            ports.append(Port(host=self.name, lan=self._lans[lan], mac=plug.mac, descriptor=descriptor))
            commands += plug.commands(mtu)
        if default_route:
            commands += ["route add 0.0.0.0/0 dev eth0", "route add ::/0 dev eth0"]
        self.run("for f in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 > $f; done 2>/dev/null; true")
        self.run("ip -batch - <<'END'\n" + "\n".join(commands) + "\nEND")
        return ports

    def popen(self, command: Command, **options: Any) -> subprocess.Popen[str]:
        """Starts a program (words, or a line for the shell) in this host, in a session of its own."""
        options = {"start_new_session": True, "shell": isinstance(command, str), "text": True, **options}

        def start() -> subprocess.Popen[str]:
            return subprocess.Popen(command, **options)

        # A child starts in the namespaces of the thread that starts it.
        process = self.call(start)
        self._processes.append(process)
        return process

    def run(
        self, command: Command, timeout: float = 60, check: bool = True, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program in this host to its end."""
        pipe = subprocess.PIPE
        process = self.popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            kill(process)
            shut(process)
            raise
        if check and process.returncode:
            raise RuntimeError(f"{self.name}: {command!r} ended with {process.returncode}: {err or out}")
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a function in a thread that has joined this host. A socket that is made there stays in the host."""

        def body() -> T:
            namespaces.join(self._net, namespaces.NETWORK)
            namespaces.join(self._uts, namespaces.HOSTNAME)
            return function(*args, **kwargs)

        return namespaces.in_thread(body)

    def end_processes(self) -> None:
        for process in self._processes:
            kill(process)
        namespaces.sweep({self.namespace})
        for process in self._processes:
            shut(process)
        self._processes.clear()

    def close(self) -> None:
        os.close(self._net)
        os.close(self._uts)


def plug(interface: str, lan: int, host: int) -> Plug:
    return Plug(interface, f"02:4c:61:62:{lan:02x}:{host:02x}", f"10.77.{lan}.{host}", f"fd77:0:0:{lan:x}::{host:x}")
