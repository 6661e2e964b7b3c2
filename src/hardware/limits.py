"""What a container allows of the machine (Linux control groups, version 2, version 1, or both). Parsing is pure.

A group is limited by itself and by every group around it, so the whole path upwards is read. Which path that is,
/proc/self/cgroup says; inside a container it may name a folder that only the host has, and then the root counts.
"""

from collections.abc import Iterator, Mapping

OWN = "/proc/self/cgroup"
ROOT = "/sys/fs/cgroup"
# Where the folders of a controller lie; version 2 has no controller's name, and lies elsewhere beside version 1.
MOUNTS = {"": (ROOT, f"{ROOT}/unified"), "memory": (f"{ROOT}/memory",), "cpu": (f"{ROOT}/cpu", f"{ROOT}/cpu,cpuacct")}
FILES = (
    *("memory.max", "memory.high", "memory.current", "memory.stat", "cpu.max"),
    *("memory.limit_in_bytes", "memory.usage_in_bytes", "cpu.cfs_quota_us", "cpu.cfs_period_us"),
)
UNKNOWN = "0::/\n1:memory:/\n2:cpu:/\n"
# Version 1 says "no limit" with a number near the largest one.
NO_LIMIT = 2**60


def folders(own: str) -> Iterator[str]:
    """Every folder that may limit this process; `own` is the text of /proc/self/cgroup."""
    for line in (own.strip() or UNKNOWN).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for controller in controllers.split(","):
            for mount in MOUNTS.get(controller, ()):
                yield from (mount + level for level in levels(path))


def levels(path: str) -> list[str]:
    """`/a/b` is limited as `/a/b`, as `/a`, and by the root."""
    parts = [part for part in path.split("/") if part and part != ".."]
    return ["".join(f"/{part}" for part in parts[:depth]) for depth in range(len(parts), -1, -1)]


def nameless(own: str) -> str:
    """The same path with its depth in place of names, which may tell a user, a host or a customer."""
    return "".join(_nameless_line(line) for line in own.splitlines())


def _nameless_line(line: str) -> str:
    number, controllers, path = (*line.split(":", 2), "", "")[:3]
    depth = len(levels(path)) - 1
    return f"{number}:{controllers}:/{'/'.join(map(str, range(1, depth + 1)))}\n"


def memory(files: Mapping[str, str]) -> list[tuple[int, int]]:
    """Of every group that is limited: its bytes, and how many are used and could not be given back at once."""
    found = []
    for folder in folders(files.get(OWN, "")):
        says = {name: files.get(f"{folder}/{name}", "") for name in FILES}
        # At memory.high nothing is killed, but everything is slowed down to a crawl.
        sizes = [parse_memory(says[name]) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
        limit = min((size for size in sizes if size is not None), default=None)
        if limit is not None:
            used = parse_memory(says["memory.current"] or says["memory.usage_in_bytes"]) or 0
            found.append((limit, max(0, used - reclaimable(says["memory.stat"]))))
    return found


def cores(files: Mapping[str, str]) -> int | None:
    found = []
    for folder in folders(files.get(OWN, "")):
        quota, period = (files.get(f"{folder}/cpu.cfs_{name}_us", "").strip() for name in ("quota", "period"))
        found.append(parse_cpu(files.get(f"{folder}/cpu.max") or f"{quota} {period}"))
    return min((each for each in found if each is not None), default=None)


def parse_memory(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and int(text) < NO_LIMIT else None


def parse_cpu(text: str) -> int | None:
    """`quota period`: so many microseconds of every so many; part of a core counts as one."""
    quota, _, period = text.strip().partition(" ")
    if not (quota.isdecimal() and period.isdecimal() and int(period)):
        return None
    return max(1, -(-int(quota) // int(period)))


def reclaimable(stat: str) -> int:
    """Page cache that nobody has touched for a while: counted as used, given back as soon as memory is wanted."""
    lines = (line.partition(" ") for line in stat.splitlines())
    sizes = {name: int(value) for name, _, value in lines if value.isdecimal()}
    # Version 1 counts the groups inside this one only under total_.
    return sizes.get("total_inactive_file", sizes.get("inactive_file", 0))
