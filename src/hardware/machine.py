"""The machine as a whole."""

import platform
from dataclasses import dataclass

import psutil

from . import cpu, limits


@dataclass(frozen=True, slots=True)
class Hardware:
    cpu: str
    cores: int  # that this process may use
    ram: int  # bytes, of which a container may be allowed only a part
    ram_free: int

    def describe(self) -> str:
        cores = f"{self.cores} core{'s' if self.cores != 1 else ''}"
        return f"{self.cpu}, {cores}, {_gib(self.ram)} of memory ({_gib(self.ram_free)} free)"


def detect() -> Hardware:
    memory = psutil.virtual_memory()
    limit = limits.memory_limit()
    ram = min(memory.total, limit or memory.total)
    return Hardware(cpu.name(platform.system()), cpu.cores(), ram, min(memory.available, ram))


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
