"""Apple's GPUs: how much of the RAM they may use, and what is known of the chip."""

import pytest
from localswarm.hardware import apple
from localswarm.hardware.memory import Memory
from localswarm.hardware.readings import Readings

GIB = 2**30


def mac(chip: str = "Apple M3 Max", wired: int = 0, metal: str = "", displays: str = "") -> Readings:
    said = f"hw.memsize: {64 * GIB}\nmachdep.cpu.brand_string: {chip}\niogpu.wired_limit_mb: {wired}\n"
    commands = {"sysctl": said, "metal": metal, "system_profiler": displays}
    return Readings("darwin", commands=commands)


@pytest.mark.parametrize(
    ("ram", "megabytes"),
    # What users of llama.cpp were told by Metal, in MiB.
    [(8, 5461.33), (16, 10922.67), (32, 21845.33), (64, 49152.0), (96, 73728.0), (128, 98304.0)],
)
def test_the_usual_working_set(ram: int, megabytes: float) -> None:
    assert round(apple.working_set(mac(), ram * GIB) / 2**20, 2) == megabytes


def test_metal_is_believed_before_the_owner_and_the_owner_before_what_is_usual() -> None:
    assert apple.working_set(mac(wired=57344), 64 * GIB) == 56 * GIB
    assert apple.working_set(mac(wired=57344, metal="recommendedMaxWorkingSetSize: 1000\n"), 64 * GIB) == 1000


def test_the_working_set_is_never_more_than_the_machine_has() -> None:
    assert apple.working_set(mac(wired=999999), 64 * GIB) == 64 * GIB


@pytest.mark.parametrize(
    "metal", ["", "rubbish", "recommendedMaxWorkingSetSize: \n", "recommendedMaxWorkingSetSize: 0"]
)
def test_what_is_usual_serves_where_metal_says_nothing(metal: str) -> None:
    assert apple.working_set(mac(metal=metal), 64 * GIB) == 48 * GIB


@pytest.mark.parametrize(
    ("displays", "cores"),
    [
        ('{"SPDisplaysDataType": [{"sppci_cores": "40"}]}', 40),
        ('{"SPDisplaysDataType": [{}, "x", {"sppci_cores": "many"}]}', 0),
        ('{"SPDisplaysDataType": null}', 0),
        ("[]", 0),
        ("", 0),
    ],
)
def test_the_cores_of_the_gpu(displays: str, cores: int) -> None:
    assert apple.gpu_cores(mac(displays=displays)) == cores


@pytest.mark.parametrize(("cores", "speed"), [(40, 400), (30, 300), (0, 300)])
def test_one_chip_with_two_widths_of_memory(cores: int, speed: int) -> None:
    said = mac(displays=f'{{"SPDisplaysDataType": [{{"sppci_cores": "{cores}"}}]}}')
    (found,) = apple.devices(said, Memory(64 * GIB, 32 * GIB))
    assert found.bandwidth == speed * 10**9


def test_a_virtual_mac_is_known_by_its_chip() -> None:
    (found,) = apple.devices(mac("Apple M1 (Virtual)"), Memory(64 * GIB, 32 * GIB))
    assert (found.name, found.architecture, found.bandwidth) == ("Apple M1 GPU", "apple-m1", 68e9)


@pytest.mark.parametrize("chip", ["Intel(R) Core(TM) i9-9980HK CPU @ 2.40GHz", ""])
def test_a_mac_without_apples_chip_has_no_such_gpu(chip: str) -> None:
    assert apple.devices(mac(chip), Memory(64 * GIB, 32 * GIB)) == ()
