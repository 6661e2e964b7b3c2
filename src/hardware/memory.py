"""The RAM that this process may use, and how much of it is available. Parsing is pure."""

import re
from dataclasses import dataclass

from . import limits
from .readings import Readings

PAGE_SIZE = re.compile(r"page size of (\d+) bytes")


@dataclass(frozen=True, slots=True)
class Memory:
    total: int
    free: int


def understand(readings: Readings) -> Memory:
    """Available rather than free, of the container rather than of its host."""
    host = _host(readings)
    total, free = host.total, host.free
    for limit, used in limits.memory(readings.files):
        total, free = min(total, limit), min(free, max(0, limit - used))
    return Memory(total, min(free, total))


def _host(readings: Readings) -> Memory:
    counted = Memory(readings.counts.get("ram", 0), readings.counts.get("ram_free", 0))
    if readings.system == "linux":
        return in_meminfo(readings.files.get("/proc/meminfo", "")) or counted
    if readings.system == "darwin":
        free = in_vm_stat(readings.commands.get("vm_stat", ""))
        total = re.search(r"^hw\.memsize: (\d+)$", readings.commands.get("sysctl", ""), re.MULTILINE)
        return Memory(int(total[1]) if total else counted.total, counted.free if free is None else free)
    return counted


def in_meminfo(text: str) -> Memory | None:
    sizes = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        number = value.removesuffix("kB").strip()
        if number.isdecimal():
            sizes[name] = int(number) * 1024
    if "MemTotal" not in sizes:
        return None
    # Kernels before 3.14 and some sandboxes do not estimate what is available.
    rough = sum(sizes.get(name, 0) for name in ("MemFree", "Buffers", "Cached"))
    return Memory(sizes["MemTotal"], sizes.get("MemAvailable", rough))


def in_vm_stat(text: str) -> int | None:
    """Pages that are free or inactive, which is what psutil calls available."""
    size = PAGE_SIZE.search(text)
    pages = [re.search(rf"^Pages {name}: +(\d+)\.", text, re.MULTILINE) for name in ("free", "inactive")]
    if not size or not all(pages):
        return None
    return int(size[1]) * sum(int(found[1]) for found in pages if found)
