"""The machine as a whole: what it says of itself is recorded, then understood."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import amd, apple, cpu, memory, nvidia, recording
from .cpu import Cpu as Cpu
from .device import Device as Device
from .device import Kind as Kind
from .readings import Readings

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hardware:
    system: str  # "linux", "darwin" or "windows"
    cpu: Cpu
    ram: int  # bytes that this process may use: a container may be allowed only a part
    ram_free: int  # bytes of them that are available
    devices: tuple[Device, ...] = ()

    def describe(self) -> str:
        cores = f"{self.cpu.cores} core{'s' if self.cpu.cores != 1 else ''}"
        ram = f"{gib(self.ram)} of memory ({gib(self.ram_free)} free)"
        return ", ".join((self.cpu.name, cores, ram, *self._gpus()))

    def _gpus(self) -> list[str]:
        """Equal ones together: `2 x NVIDIA GeForce RTX 3090 (24.0 GiB each)`."""
        lines = []
        for (name, total, unified), count in Counter((d.name, d.total, d.unified) for d in self.devices).items():
            amount = f"{gib(total)}{' of that memory' if unified else ''}{' each' if count > 1 else ''}"
            lines.append(f"{f'{count} x ' if count > 1 else ''}{name} ({amount})")
        return lines


def detect(variables: Mapping[str, str] = NO_VARIABLES) -> Hardware:
    """This machine; `variables` are those of `recording.VARIABLES` that are set, for they may hide GPUs."""
    return understand(recording.record(variables))


def understand(readings: Readings) -> Hardware:
    ram = memory.understand(readings)
    devices = (found for vendor in (apple, nvidia, amd) for found in vendor.devices(readings, ram))
    return Hardware(readings.system, cpu.understand(readings), ram.total, ram.free, tuple(devices))


def gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
