"""What files and tools say about a machine, parsed."""

import pytest
from localswarm.hardware import cpu, machine
from localswarm.hardware.limits import parse_cpu, parse_memory

CPUINFO = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: 13th Gen Intel(R) Core(TM)   i7-1370P
processor\t: 1
"""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CPUINFO, "13th Gen Intel(R) Core(TM) i7-1370P"),
        ("Hardware\t: BCM2711\n", "BCM2711"),
        ("processor: 0\n", None),
        ("", None),
    ],
)
def test_the_name_in_cpuinfo(text: str, name: str | None) -> None:
    assert cpu.name_in_cpuinfo(text) == name


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
        (" ", None),
    ],
)
def test_the_cores_of_a_container(text: str, limit: int | None) -> None:
    assert parse_cpu(text) == limit


def test_this_machine() -> None:
    found = machine.detect()
    assert found.cores >= 1 and 0 < found.ram_free <= found.ram
    assert found.cpu in found.describe() and "GiB" in found.describe()
