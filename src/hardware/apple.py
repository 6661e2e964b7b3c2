"""Apple's GPUs: all in the chip, all in the machine's RAM, of which Metal may use a part. Parsing is pure."""

import json
import re

from . import bandwidth, cpu
from .device import Device
from .memory import Memory
from .readings import Readings

GIB = 2**30
MIB = 2**20
# What Metal answered on macOS before 26, measured by users of llama.cpp: 2/3 of 8 to 32 GB, 3/4 from 36 GB on.
# Newer systems give more (0.84 of 128 GB), so this serves only where Metal itself could not be asked.
SMALL = 36 * GIB


def devices(readings: Readings, memory: Memory) -> tuple[Device, ...]:
    said = cpu.sysctl(readings)
    chip = said.get("machdep.cpu.brand_string", "")
    if not chip.startswith("Apple "):
        return ()
    total = working_set(readings, _number(said.get("hw.memsize")) or memory.total)
    plain = re.sub(r" \(.*", "", chip)  # `Apple M1 (Virtual)`
    device = Device(
        kind="metal",
        name=f"{plain} GPU",
        total=total,
        free=min(total, memory.free),
        bandwidth=bandwidth.of(f"{plain} {gpu_cores(readings)}") or bandwidth.of(plain),
        unified=True,
        id="0",
        architecture=_generation(plain),
    )
    return (device,)


def working_set(readings: Readings, ram: int) -> int:
    """Bytes that the GPU may keep in use: what Metal recommends, what the owner set, or what is usual."""
    answer = dict(re.findall(r"^(\w+): (\d+)$", readings.commands.get("metal", ""), re.MULTILINE))
    recommended = int(answer.get("recommendedMaxWorkingSetSize", 0))
    wired = _number(cpu.sysctl(readings).get("iogpu.wired_limit_mb")) * MIB
    usual = ram * 2 // 3 if ram < SMALL else ram * 3 // 4
    return min(recommended or wired or usual, ram)


def gpu_cores(readings: Readings) -> int:
    try:
        said = json.loads(readings.commands.get("system_profiler", ""))
    except ValueError:
        return 0
    displays = said.get("SPDisplaysDataType") if isinstance(said, dict) else None
    found = [each.get("sppci_cores", "") for each in displays or () if isinstance(each, dict)]
    return max(map(_number, found), default=0)


def _generation(chip: str) -> str:
    """`apple-m3` for every chip of that generation."""
    words = chip.lower().split()
    return "-".join(words[:2])


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
