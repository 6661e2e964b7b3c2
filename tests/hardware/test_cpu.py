"""The processor: its name, its cores, its instructions."""

import pytest
from localswarm.hardware import cpu
from localswarm.hardware.readings import Readings

CPUINFO = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: 13th Gen Intel(R) Core(TM)   i7-1370P
flags\t\t: sse avx2 avx_vnni
processor\t: 1
"""
PI = "Features\t: fp asimd asimddp\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\nHardware\t: BCM2835\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CPUINFO, "13th Gen Intel(R) Core(TM) i7-1370P"),
        (PI, "Cortex-A76"),
        (PI.replace("0xd0b", "0xfff"), "BCM2835"),
        ("Hardware\t: BCM2711\n", "BCM2711"),
        ("processor: 0\n", None),
        ("", None),
    ],
)
def test_the_name_in_cpuinfo(text: str, name: str | None) -> None:
    assert cpu.name_in_cpuinfo(text) == name


def test_a_processor_without_a_name_is_called_by_its_kind() -> None:
    assert cpu.name(Readings("linux", processor="riscv64")) == "riscv64"
    assert cpu.name(Readings("freebsd")) == "unknown processor"


def test_an_instruction_counts_where_every_core_has_it() -> None:
    assert cpu.features_in_cpuinfo(CPUINFO) == {"avx2", "avx_vnni"}
    assert cpu.features_in_cpuinfo("Features: asimd i8mm\nFeatures: asimd\n") == {"neon"}
    assert cpu.features_in_cpuinfo("") == frozenset()


@pytest.mark.parametrize(
    ("physical", "allowed", "quota", "cores"),
    [(8, 8, "max 100000", 8), (8, 3, "max 100000", 3), (8, 8, "250000 100000", 3), (0, 6, "", 6), (0, 0, "", 1)],
)
def test_the_fewest_cores_count(physical: int, allowed: int, quota: str, cores: int) -> None:
    files = {"/sys/fs/cgroup/cpu.max": quota}
    said = Readings("linux", files=files, counts={"physical_cores": physical, "allowed_cores": allowed})
    assert cpu.count(said) == cores
