"""Every recorded machine is understood: one table of what each of them is."""

from dataclasses import dataclass, replace

import pytest
from localswarm.hardware.machine import Hardware, understand

from .machines import NAMES, hardware, readings

GB = 10**9


@dataclass(frozen=True)
class Expected:
    cpu: str
    cores: int
    ram: float  # GiB
    ram_free: float  # GiB
    devices: str = ""  # kind, name, architecture
    total: float = 0.0  # GiB, of each device
    free: float = 0.0  # GiB, of the first device
    bandwidth: float = 0.0  # GB/s
    unified: bool = False
    count: int = 1


H200 = "cuda NVIDIA H200 9.0"
HALO = "rocm AMD Radeon 8060S Graphics gfx1151"
PART = "cuda NVIDIA A100-SXM4-80GB MIG 1g.10gb 8.0"
XEON = "INTEL(R) XEON(R) PLATINUM 8592+"
AI_MAX = "AMD RYZEN AI MAX+ 395 w/ Radeon 8060S"
EPYC = "AMD EPYC 7543 32-Core Processor"
ROME = "AMD EPYC 7742 64-Core Processor"
INTEL = "13th Gen Intel(R) Core(TM)"
RYZEN = "AMD Ryzen"
TR = "AMD Ryzen Threadripper 3960X 24-Core Processor"
RTX = "cuda NVIDIA GeForce RTX"
AMD64 = "AMD64 Family 25 Model 97 Stepping 2, AuthenticAMD"
SPARK = "Cortex-A725 + Cortex-X925"


def metal(size: str) -> str:
    return f"metal Apple {size} GPU apple-{size[:2].lower()}"


MACHINES = {
    "m1-8gb": Expected("Apple M1", 8, 8.0, 3.24, metal("M1"), 5.33, 3.24, 68, True),
    "m2-pro-16gb": Expected("Apple M2 Pro", 10, 16.0, 6.83, metal("M2 Pro"), 10.67, 6.83, 200, True),
    "m3-max-64gb": Expected("Apple M3 Max", 16, 64.0, 33.27, metal("M3 Max"), 48.0, 33.27, 400, True),
    "m4-max-128gb": Expected("Apple M4 Max", 16, 128.0, 85.65, metal("M4 Max"), 107.52, 85.65, 546, True),
    "m3-ultra-512gb": Expected("Apple M3 Ultra", 32, 512.0, 444.34, metal("M3 Ultra"), 480.0, 444.34, 819, True),
    "rtx-3060-12gb": Expected(
        f"{RYZEN} 5 5600X 6-Core Processor", 6, 31.28, 27.67, f"{RTX} 3060 8.6", 12.0, 11.48, 360
    ),
    "2x-rtx-3090": Expected(TR, 24, 125.72, 120.17, f"{RTX} 3090 8.6", 24.0, 23.55, 936, False, 2),
    "rtx-4090": Expected(f"{INTEL} i9-13900K", 24, 62.61, 57.33, f"{RTX} 4090 8.9", 23.99, 22.35, 1008),
    "rtx-5090": Expected(f"{RYZEN} 9 9950X 16-Core Processor", 16, 93.0, 88.14, f"{RTX} 5090 12.0", 31.84, 30.78, 1792),
    "h200": Expected(XEON, 16, 128.0, 122.08, H200, 140.4, 139.8, 4917),
    "8x-h200-two-visible": Expected(XEON, 128, 2015.59, 1955.51, H200, 140.4, 137.01, 4917, False, 2),
    "a100-in-parts": Expected(ROME, 64, 503.67, 491.15, PART, 9.5, 9.48, 242),
    "rx-7900-xtx": Expected(
        f"{RYZEN} 9 7950X 16-Core Processor", 16, 61.96, 55.32, "rocm AMD Radeon RX 7900 XTX gfx1100", 23.98, 22.77, 960
    ),
    "strix-halo-128gb": Expected(AI_MAX, 16, 124.97, 118.73, HALO, 120.0, 118.73, 256, True),
    "strix-halo-128gb-carve-out": Expected(AI_MAX, 16, 31.0, 27.18, HALO, 96.0, 95.61, 256, False),
    "ryzen-5700u-laptop": Expected(f"{RYZEN} 7 5700U with Radeon Graphics", 8, 14.98, 11.25),
    "plain-laptop-16gb": Expected(f"{INTEL} i7-1370P", 14, 15.34, 10.32),
    "container-4gb": Expected(EPYC, 3, 4.0, 3.5),
    "container-4gb-cgroup-v1": Expected(EPYC, 32, 4.0, 2.5),
    "wsl2-rtx-4070": Expected(
        f"{RYZEN} 7 7800X3D 8-Core Processor", 8, 15.53, 14.4, f"{RTX} 4070 8.9", 11.99, 10.46, 504
    ),
    "dgx-spark": Expected(SPARK, 20, 121.69, 113.07, "cuda NVIDIA GB10 12.1", 121.69, 113.07, 273, True),
    "jetson-agx-orin-64gb": Expected("Cortex-A78AE", 12, 61.37, 55.43, "cuda Orin (nvgpu) 8.7", 61.37, 55.43, 0, True),
    "raspberry-pi-5-8gb": Expected("Cortex-A76", 4, 7.86, 7.06),
    "windows-rtx-4080": Expected(AMD64, 12, 31.73, 19.75, f"{RTX} 4080 8.9", 15.99, 14.54, 717),
}


def gib(size: int) -> float:
    return round(size / 2**30, 2)


def summary(found: Hardware) -> Expected:
    main = Expected(found.cpu.name, found.cpu.cores, gib(found.ram), gib(found.ram_free))
    if not found.devices:
        return main
    first = found.devices[0]
    return replace(
        main,
        devices=f"{first.kind} {first.name} {first.architecture}",
        total=gib(first.total),
        free=gib(first.free),
        bandwidth=round(first.bandwidth / GB),
        unified=first.unified,
        count=len(found.devices),
    )


def test_every_recorded_machine_is_in_the_table() -> None:
    assert sorted(MACHINES) == NAMES


@pytest.mark.parametrize("name", MACHINES)
def test_a_recorded_machine_is_understood(name: str) -> None:
    assert summary(hardware(name)) == MACHINES[name]


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_is_larger_than_what_holds_it(name: str) -> None:
    found = hardware(name)
    assert 0 < found.ram_free <= found.ram
    for device in found.devices:
        assert 0 < device.free <= device.total
        assert not device.unified or (device.total <= found.ram and device.free <= found.ram_free)


@pytest.mark.parametrize("rubbish", ["", "N/A", "-1", "\x00\ufffd}{", "9" * 400, "a: b\n: :\n,,,\n\n0::", "[]", "{}"])
@pytest.mark.parametrize("name", MACHINES)
def test_no_reading_that_is_missing_or_rubbish_stops_the_others(name: str, rubbish: str) -> None:
    whole = readings(name)
    for path in whole.files:
        assert understand(replace(whole, files={**whole.files, path: rubbish})).cpu.cores >= 1
    for command in whole.commands:
        assert understand(replace(whole, commands={**whole.commands, command: rubbish})).cpu.cores >= 1


@pytest.mark.parametrize("name", MACHINES)
def test_readings_that_end_in_the_middle_are_understood(name: str) -> None:
    whole = readings(name)
    halves = replace(
        whole,
        files={path: text[: len(text) // 2] for path, text in whole.files.items()},
        commands={command: text[: len(text) // 2] for command, text in whole.commands.items()},
    )
    assert understand(halves).cpu.cores >= 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("plain-laptop-16gb", f"{INTEL} i7-1370P, 14 cores, 15.3 GiB of memory (10.3 GiB free)"),
        ("2x-rtx-3090", "GiB free), 2 x NVIDIA GeForce RTX 3090 (24.0 GiB each)"),
        ("rtx-4090", "GiB free), NVIDIA GeForce RTX 4090 (24.0 GiB)"),
        ("m1-8gb", "Apple M1, 8 cores, 8.0 GiB of memory (3.2 GiB free), Apple M1 GPU (5.3 GiB of that memory)"),
    ],
)
def test_a_machine_is_described_in_one_line(name: str, line: str) -> None:
    assert hardware(name).describe().endswith(line)


def test_only_instructions_that_matter_are_kept() -> None:
    assert {"avx512f", "avx512_vnni", "amx_int8"} <= hardware("h200").cpu.features
    assert hardware("raspberry-pi-5-8gb").cpu.features == {"neon", "dotprod", "fp16"}
    assert hardware("dgx-spark").cpu.features == {"neon", "dotprod", "fp16", "i8mm", "bf16", "sve", "sve2"}
    assert hardware("m1-8gb").cpu.features == {"neon", "dotprod", "fp16"}
    assert hardware("windows-rtx-4080").cpu.features == frozenset()
