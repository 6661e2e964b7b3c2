"""Control groups: which folders count, what they allow, and what is told of them."""

import pytest
from localswarm.hardware import limits
from localswarm.hardware.limits import parse_cpu, parse_memory

GIB = 2**30
ROOT = "/sys/fs/cgroup"


@pytest.mark.parametrize(
    ("text", "limit"),
    [("max\n", None), ("4294967296\n", 2**32), ("9223372036854771712\n", None), ("", None), ("rubbish", None)],
)
def test_the_memory_of_a_container(text: str, limit: int | None) -> None:
    assert parse_memory(text) == limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("max 100000\n", None),
        ("200000 100000\n", 2),
        ("150000 100000", 2),
        ("10000 100000", 1),
        ("-1 100000", None),
        ("200000 0", None),
        (" ", None),
    ],
)
def test_the_cores_of_a_container(text: str, limit: int | None) -> None:
    assert parse_cpu(text) == limit


def test_a_group_is_limited_by_every_group_around_it() -> None:
    files = {
        limits.OWN: "0::/user.slice/job\n",
        f"{ROOT}/user.slice/job/memory.max": "max\n",
        f"{ROOT}/user.slice/memory.max": f"{8 * GIB}\n",
        f"{ROOT}/user.slice/memory.current": f"{3 * GIB}\n",
        f"{ROOT}/memory.max": f"{16 * GIB}\n",
        f"{ROOT}/user.slice/job/cpu.max": "400000 100000\n",
        f"{ROOT}/user.slice/cpu.max": "200000 100000\n",
    }
    assert limits.memory(files) == [(8 * GIB, 3 * GIB), (16 * GIB, 0)]
    assert limits.cores(files) == 2


def test_the_soft_limit_counts_where_it_is_lower() -> None:
    files = {limits.OWN: "0::/\n", f"{ROOT}/memory.max": f"{8 * GIB}\n", f"{ROOT}/memory.high": f"{6 * GIB}\n"}
    assert limits.memory(files) == [(6 * GIB, 0)]


@pytest.mark.parametrize("own", ["0::/docker/1a2b\n", "0::/../../other\n", "", "rubbish"])
def test_the_root_counts_where_the_named_folder_is_not_there(own: str) -> None:
    assert limits.memory({limits.OWN: own, f"{ROOT}/memory.max": f"{GIB}\n"}) in ([(GIB, 0)], [])
    assert limits.memory({f"{ROOT}/memory.max": f"{GIB}\n"}) == [(GIB, 0)]


def test_both_versions_at_once() -> None:
    files = {
        limits.OWN: "4:memory:/box\n1:cpu,cpuacct:/box\n0::/box\n",
        f"{ROOT}/memory/box/memory.limit_in_bytes": f"{2 * GIB}\n",
        f"{ROOT}/memory/box/memory.usage_in_bytes": f"{GIB}\n",
        f"{ROOT}/memory/box/memory.stat": f"inactive_file 0\ntotal_inactive_file {GIB // 2}\n",
        f"{ROOT}/cpu/box/cpu.cfs_quota_us": "300000\n",
        f"{ROOT}/cpu/box/cpu.cfs_period_us": "100000\n",
    }
    assert limits.memory(files) == [(2 * GIB, GIB // 2)]
    assert limits.cores(files) == 3


def test_names_of_groups_are_not_told() -> None:
    own = "4:memory:/user.slice/user-1000.slice\n1:name=systemd:/\n0::/kubepods.slice:cri:ab12/x\n"
    assert limits.nameless(own) == "4:memory:/1/2\n1:name=systemd:/\n0::/1/2\n"
    assert len(list(limits.folders(own))) == len(list(limits.folders(limits.nameless(own))))
