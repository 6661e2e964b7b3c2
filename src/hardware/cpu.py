"""The processor: its name, and the cores that count."""

import os
import platform
import subprocess
from pathlib import Path

import psutil

from . import limits

CPUINFO = Path("/proc/cpuinfo")


def name(system: str) -> str:
    if system == "Darwin":
        said = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        return said.stdout.strip() or platform.machine()
    if CPUINFO.exists():
        return name_in_cpuinfo(CPUINFO.read_text(errors="replace")) or platform.machine()
    return platform.processor() or platform.machine()


def name_in_cpuinfo(text: str) -> str | None:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Hardware", "cpu model") and value.strip():
            return " ".join(value.split())
    return None


def cores() -> int:
    """Physical cores, as far as this process and its container may use them: a second thread on one core of
    the same matrix product only waits for the first."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed, limits.cpu_limit() or physical))
