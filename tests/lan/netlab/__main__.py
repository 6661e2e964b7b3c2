"""One command on each host of a small LAN, with faults at given times.

python -m tests.lan.netlab --hosts 3 --at 5 'partition h1 / h2 h3' --at 9 heal --for 14 -- python node.py {host} {ip}
"""

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from .host import Host
from .lab import Lab
from .rules import Faults


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.lan.netlab", description=__doc__)
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--at", nargs=2, action="append", default=[], metavar=("SECONDS", "STEP"), help=do.__doc__)
    parser.add_argument("--for", dest="span", type=float, default=30.0, metavar="SECONDS")
    parser.add_argument("--capture", type=Path, help="a pcap file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+", help="{host}, {ip} and {n} are replaced")
    options = parser.parse_args()
    with Lab(options.hosts, seed=options.seed) as lab:
        lab.capture(options.capture)
        steps = sorted((float(seconds), step) for seconds, step in options.at)
        return Show(lab, options.command).run(steps, options.span)


class Show:
    def __init__(self, lab: Lab, command: list[str]) -> None:
        self.lab = lab
        self.begun = time.monotonic()
        self.processes = [self.start(host, command) for host in lab.hosts.values()]

    def start(self, host: Host, command: list[str]) -> subprocess.Popen[str]:
        words = [word.format(host=host.name, ip=host.ip, n=host.number) for word in command]
        output: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "errors": "replace"}
        process = host.popen(words, stdin=subprocess.DEVNULL, **output)
        threading.Thread(target=self.print_lines, args=(host.name, process.stdout), daemon=True).start()
        return process

    def print_lines(self, name: str, lines: Iterable[str]) -> None:
        for line in lines:
            print(f"[{self.seconds():7.3f} {name}] {line}", end="", flush=True)

    def seconds(self) -> float:
        return time.monotonic() - self.begun

    def run(self, steps: list[tuple[float, str]], span: float) -> int:
        while self.seconds() < span and any(process.poll() is None for process in self.processes):
            while steps and self.seconds() >= steps[0][0]:
                step = steps.pop(0)[1]
                self.print_lines("lab", [f"{step}\n"])
                do(self.lab, step)
            time.sleep(0.02)
        codes = [process.poll() for process in self.processes]
        self.print_lines("lab", [f"exit codes {codes}, {self.lab.counts()}\n"])
        return int(any(codes))


def do(lab: Lab, step: str) -> None:
    """'partition h1 / h2 h3', 'heal', 'clear', or 'link h1 h2 delay=0.1 loss=0.2'."""
    verb, *words = step.split()
    match verb:
        case "partition":
            lab.partition(*(group.split() for group in " ".join(words).split("/")))
        case "heal":
            lab.heal()
        case "clear":
            lab.clear()
        case "link":
            faults = {name: float(value) for name, value in (word.split("=", 1) for word in words if "=" in word)}
            names = [word for word in words if "=" not in word] + ["*", "*"]
            lab.link(names[0], names[1], **cast(Faults, faults))
        case _:
            raise SystemExit(f"There is no step {step!r}; there are {do.__doc__}")


if __name__ == "__main__":
    sys.exit(main())
