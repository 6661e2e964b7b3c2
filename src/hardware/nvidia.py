"""NVIDIA's GPUs, from NVML's answers or from nvidia-smi's table. Parsing is pure.

NVIDIA_VISIBLE_DEVICES is not looked at: where it has any effect, the container shows only those GPUs anyway.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import bandwidth, visible
from .device import Device, Usage
from .memory import Memory
from .readings import Answer, Readings

COLUMNS = {"compute_cap": "capability", "memory.total": "total", "memory.free": "free"}
MIB = 2**20
# Their memory is the machine's RAM, whatever the driver says: nothing at all, or a part of the truth.
UNIFIED = {"gb10": "12.1", "n1x": "12.1", "thor": "11.0", "orin": "8.7", "xavier": "7.2", "tegra": ""}
# How the driver says that a GPU has no memory of its own to tell about; a GPU that fell off the bus says otherwise.
NO_MEMORY = re.compile(r"\[?(not supported|n/a)\]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU; one that is divided into parts (MIG) is the first of them."""

    id: str
    device: Device
    speed: float = 0.0  # for comparison only


def devices(readings: Readings, memory: Memory) -> tuple[Device, ...]:
    """Those that CUDA shows to this process, in CUDA's order."""
    answers = readings.nvml if readings.nvml is not None else table(readings.commands.get("nvidia-smi", ""))
    cards = [replace(card, id=str(answer.get("uuid", ""))) for answer in answers for card in _cards(answer, memory)[:1]]
    if readings.variables.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
        cards.sort(key=lambda card: -card.speed)
    named = [*cards, *(part for answer in answers if answer.get("mig") for part in _cards(answer, memory))]
    wanted = readings.variables.get("CUDA_VISIBLE_DEVICES")
    shown = [named[n].device for n in visible.pick(wanted, [card.id for card in named], len(cards))]
    # A process sees either whole GPUs or a single part of one.
    return tuple([device for device in shown if device.id.startswith("MIG-")][:1] or shown)


def usages(readings: Readings, pid: int) -> Iterator[Usage]:
    """Of every GPU, and of every part of one. In a container the driver may tell the host's numbers of processes: then
    ours is not among them."""
    answers = readings.nvml if readings.nvml is not None else _with_processes(readings)
    for answer in answers:
        for each in answer["instances"] if answer.get("mig") and answer.get("instances") else [answer]:
            total, free = each.get("total"), each.get("free")
            used = total - free if isinstance(total, int) and isinstance(free, int) else None
            own = [size for process, size in each.get("processes", ()) if process == pid and isinstance(size, int)]
            yield Usage(str(each.get("uuid", "")), used, sum(own) if own else None)


def _with_processes(readings: Readings) -> Iterator[Answer]:
    rows = [line.split(",") for line in readings.commands.get("nvidia-smi processes", "").splitlines()]
    said = [[cell.strip() for cell in row] for row in rows if len(row) == 3]
    for answer in table(readings.commands.get("nvidia-smi", "")):
        found = [(pid, whole(size)) for pid, uuid, size in said if uuid == answer.get("uuid")]
        processes = [(int(pid), size and size * MIB) for pid, size in found if pid.isdecimal()]
        yield {**answer, "processes": processes}


def _cards(answer: Answer, memory: Memory) -> list[Card]:
    if answer.get("mig"):
        found = [_device({**answer, **part}, memory) for part in answer.get("instances", ())]
        return [Card(device.id, _share(device, answer), _speed(answer)) for device in found if device]
    device = _device(answer, memory)
    return [Card(device.id, device, _speed(answer))] if device else []


def _device(answer: Answer, memory: Memory) -> Device | None:
    """None for a GPU that does not answer any more, or may not be asked."""
    name, total, free = str(answer.get("name", "")), answer.get("total"), answer.get("free")
    soc = next((word for word in re.findall(r"\w+", name.lower()) if word in UNIFIED), None)
    unified = soc is not None or (isinstance(total, str) and bool(NO_MEMORY.fullmatch(total.strip())))
    if unified:
        total, free = memory.total, memory.free
    if not (isinstance(total, int) and isinstance(free, int) and total > 0):
        return None
    capability = str(answer.get("capability", ""))
    known = bool(re.fullmatch(r"\d+\.\d+", capability))
    return Device(
        kind="cuda",
        name=name,
        total=total,
        free=min(free, total),
        bandwidth=_bandwidth(answer),
        unified=unified,
        id=str(answer.get("uuid", "")),
        architecture=capability if known else UNIFIED.get(soc or "", ""),
    )


def _share(part: Device, answer: Answer) -> Device:
    """It has as much of the GPU's bandwidth as it has of its memory."""
    whole = answer.get("total")
    return replace(part, bandwidth=part.bandwidth * part.total / whole) if isinstance(whole, int) and whole else part


def _bandwidth(answer: Answer) -> float:
    bits, clock = answer.get("bus"), answer.get("memory_clock")
    if isinstance(bits, int) and isinstance(clock, int) and bits * clock:
        return bandwidth.of_bus(bits, clock)
    return bandwidth.of(str(answer.get("name", "")))


def _speed(answer: Answer) -> float:
    cores, clock = answer.get("cores"), answer.get("clock")
    return float(cores * clock) if isinstance(cores, int) and isinstance(clock, int) else _bandwidth(answer)


def table(text: str) -> list[Answer]:
    """The rows of `nvidia-smi --query-gpu=... --format=csv,nounits` as NVML would have answered."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    if not rows or "uuid" not in rows[0]:
        return []
    header = [cell.partition(" ")[0] for cell in rows[0]]
    return [_answer(dict(zip(header, row, strict=True))) for row in rows[1:] if len(row) == len(header)]


def _answer(row: dict[str, str]) -> Answer:
    said: dict[str, Any] = {COLUMNS.get(name, name): value for name, value in row.items()}
    for name in ("total", "free"):
        size = whole(row.get(f"memory.{name}", ""))
        said[name] = said.get(name) if size is None else size * MIB
    said["mig"] = row.get("mig.mode.current") == "Enabled"
    return said


def whole(text: str) -> int | None:
    """A number as tools print it: `24576`, with its unit, or with decimals after a point or a comma.
    Three digits after either might be thousands, so that is no number."""
    found = re.fullmatch(r"(\d+)(?:[.,]\d{1,2})?(?: ?[A-Za-z]+)?", text.strip())
    return int(found[1]) if found else None
