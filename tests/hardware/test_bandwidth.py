"""Bandwidths: known by name, computed from a bus, measured."""

import pytest
from localswarm.hardware import bandwidth


@pytest.mark.parametrize(
    ("name", "speed"),
    [
        ("NVIDIA GeForce RTX 4090", 1008),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 576),
        ("GeForce GTX 1080 Ti", 484),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", 1792),
        ("NVIDIA A100-SXM4-80GB", 2039),
        ("NVIDIA GB10", 273),
        ("AMD Radeon RX 7900 XTX", 960),
        ("AMD Radeon Pro W7900", 864),
        ("AMD Radeon 8060S Graphics", 256),
        ("AMD Instinct MI300X", 5300),
        ("Apple M4 Max 40", 546),
        ("NVIDIA GeForce RTX 9999", 0),
        ("", 0),
    ],
)
def test_a_chip_is_known_by_its_name(name: str, speed: float) -> None:
    assert bandwidth.of(name) == speed * bandwidth.GB


@pytest.mark.parametrize("generation", ["m1", "m2", "m3", "m4", "m5"])
def test_every_apple_chip_is_known_and_the_larger_ones_are_faster(generation: str) -> None:
    speeds = [bandwidth.of(f"Apple {generation}{size}") for size in ("", " Pro", " Max")]
    assert 0 < speeds[0] < speeds[1] < speeds[2]


def test_no_name_is_known_twice() -> None:
    lines = [line for table in (bandwidth.NVIDIA, bandwidth.AMD, bandwidth.APPLE) for line in table.split("\n") if line]
    names = [name for line in lines for name in line.partition(": ")[2].split(", ")]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(("bits", "megahertz", "speed"), [(384, 9751, 936), (512, 14001, 1792), (5120, 1593, 2039)])
def test_a_bus_tells_the_bandwidth(bits: int, megahertz: int, speed: int) -> None:
    assert round(bandwidth.of_bus(bits, megahertz) / bandwidth.GB) == speed


def test_this_machine_reads_its_memory_at_a_possible_speed() -> None:
    assert 0.5 * bandwidth.GB < bandwidth.measure_cpu(0.05) < 5000 * bandwidth.GB
