"""What a container allows of the machine (Linux control groups, version 2 and 1). Parsing is pure."""

import math
from pathlib import Path

V2 = Path("/sys/fs/cgroup")
V1_MEMORY = V2 / "memory" / "memory.limit_in_bytes"
V1_QUOTA = V2 / "cpu" / "cpu.cfs_quota_us"
V1_PERIOD = V2 / "cpu" / "cpu.cfs_period_us"
# Version 1 says "no limit" with a number near the largest one.
NO_LIMIT = 2**60


def memory_limit() -> int | None:
    return parse_memory(_read(V2 / "memory.max") or _read(V1_MEMORY))


def cpu_limit() -> int | None:
    text = _read(V2 / "cpu.max") or f"{_read(V1_QUOTA).strip()} {_read(V1_PERIOD).strip()}"
    return parse_cpu(text)


def parse_memory(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdigit() and int(text) < NO_LIMIT else None


def parse_cpu(text: str) -> int | None:
    """`quota period`: so many microseconds of every so many; part of a core counts as one."""
    quota, _, period = text.strip().partition(" ")
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return None
    return max(1, math.ceil(int(quota) / int(period)))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
