"""NVIDIA's GPUs: nvidia-smi's table, NVML's answers, CUDA's order and what is visible."""

from typing import Any

import pytest
from localswarm.hardware import nvidia
from localswarm.hardware.device import Device
from localswarm.hardware.memory import Memory
from localswarm.hardware.readings import Readings

from .machines import readings

GIB = 2**30
RAM = Memory(64 * GIB, 50 * GIB)
HEAD = "index, uuid, name, memory.total [MiB], memory.free [MiB], compute_cap, mig.mode.current\n"


def smi(table: str, **variables: str) -> tuple[Device, ...]:
    return nvidia.devices(Readings("linux", commands={"nvidia-smi": table}, variables=variables), RAM)


def card(number: int, name: str = "NVIDIA GeForce RTX 3090", **more: Any) -> dict[str, Any]:
    return {"uuid": f"GPU-{number}{number}", "name": name, "total": 24 * GIB, "free": 23 * GIB, **more}


def seen(*answers: dict[str, Any], **variables: str) -> list[str]:
    return [found.id for found in nvidia.devices(Readings("linux", nvml=answers, variables=variables), RAM)]


def test_both_ways_of_asking_give_the_same_record() -> None:
    table = nvidia.devices(Readings("linux", commands={"nvidia-smi": f"{HEAD}0, GPU-a, RTX, 8, 7, 8.6, [N/A]"}), RAM)
    answer = {"uuid": "GPU-a", "name": "RTX", "total": 8 * 2**20, "free": 7 * 2**20, "capability": "8.6", "mig": False}
    assert table == nvidia.devices(Readings("linux", nvml=(answer,)), RAM) != ()


def test_nvml_is_believed_before_the_table() -> None:
    said = Readings("linux", nvml=(card(1),), commands={"nvidia-smi": f"{HEAD}0, GPU-a, RTX, 8, 7, 8.6, [N/A]"})
    assert [found.id for found in nvidia.devices(said, RAM)] == ["GPU-11"]


@pytest.mark.parametrize(
    "table",
    [
        "",
        "No devices were found",
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
        HEAD,
        f"{HEAD}0, GPU-a, RTX 3090, 24576",
        f"{HEAD}0, GPU-a, RTX 3090, [GPU is lost], [GPU is lost], 8.6, [N/A]",
        f"{HEAD}0, GPU-a, RTX 3090, [Unknown Error], [Unknown Error], 8.6, [N/A]",
        f"{HEAD}0, GPU-a, RTX 3090, [Insufficient Permissions], [Insufficient Permissions], 8.6, [N/A]",
        f"{HEAD}0, GPU-a, RTX 3090, 0, 0, 8.6, [N/A]",
        f"{HEAD}0, GPU-a, A100, 81920, 81000, 8.0, Enabled",
    ],
)
def test_a_table_without_a_gpu_that_can_be_used(table: str) -> None:
    assert smi(table) == ()


def test_one_lost_gpu_does_not_hide_the_other() -> None:
    table = f"{HEAD}0, GPU-a, RTX, [GPU is lost], [GPU is lost], 8.6, [N/A]\n1, GPU-b, RTX, 24576, 24000, 8.6, [N/A]"
    assert [found.id for found in smi(table)] == ["GPU-b"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("24576", 24576),
        ("24576 MiB", 24576),
        (" 24576MiB ", 24576),
        ("24576.00", 24576),
        ("24576,00", 24576),
        ("24,576", None),
        ("24.576", None),
        ("[N/A]", None),
        ("", None),
        ("-1", None),
    ],
)
def test_numbers_as_tools_print_them(text: str, number: int | None) -> None:
    assert nvidia.whole(text) == number


@pytest.mark.parametrize("word", ["[N/A]", "N/A", "[Not Supported]", "Not Supported"])
def test_a_gpu_without_memory_of_its_own_uses_the_ram(word: str) -> None:
    (found,) = smi(f"{HEAD}0, GPU-a, NVIDIA Future, {word}, {word}, 13.0, [N/A]")
    assert (found.total, found.free, found.unified) == (RAM.total, RAM.free, True)


def test_a_chip_that_tells_a_part_of_its_memory_uses_the_ram() -> None:
    (found,) = smi(f"{HEAD}0, GPU-a, NVIDIA N1X, 8128, 7929, 12.1, [N/A]")
    assert (found.total, found.unified) == (RAM.total, True)


def test_the_fastest_comes_first_unless_the_bus_decides() -> None:
    slow = card(1, "NVIDIA GeForce RTX 3060", cores=3584, clock=2100)
    fast = card(2, "NVIDIA GeForce RTX 4090", cores=16384, clock=3105)
    assert seen(slow, fast) == ["GPU-22", "GPU-11"]
    assert seen(slow, fast, CUDA_VISIBLE_DEVICES="0") == ["GPU-22"]
    assert seen(slow, fast, CUDA_VISIBLE_DEVICES="0", CUDA_DEVICE_ORDER="PCI_BUS_ID") == ["GPU-11"]


def test_equal_ones_keep_their_order() -> None:
    assert seen(card(1), card(2), card(3)) == ["GPU-11", "GPU-22", "GPU-33"]
    assert seen(card(1), card(2), card(3), CUDA_VISIBLE_DEVICES="GPU-3,0") == ["GPU-33", "GPU-11"]
    assert seen(card(1), card(2), CUDA_VISIBLE_DEVICES="") == []


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (None, ["MIG-02"]),
        ("0", ["MIG-02"]),
        ("MIG-03", ["MIG-03"]),
        ("MIG-03,MIG-02", ["MIG-03"]),
        ("GPU-11", ["MIG-02"]),
        ("1", []),
        ("", []),
    ],
)
def test_a_process_sees_one_part_of_a_divided_gpu(wanted: str | None, ids: list[str]) -> None:
    parts = [{"uuid": f"MIG-0{n}", "name": "A100 MIG", "total": 10 * GIB, "free": 9 * GIB} for n in (2, 3)]
    variables = {} if wanted is None else {"CUDA_VISIBLE_DEVICES": wanted}
    assert seen(card(1, mig=True, instances=parts), **variables) == ids


def test_bandwidth_is_computed_where_the_driver_tells_the_bus() -> None:
    (told,) = nvidia.devices(Readings("linux", nvml=(card(1, "NVIDIA New", bus=384, memory_clock=9751),)), RAM)
    assert round(told.bandwidth / 1e9) == 936
    (known,) = nvidia.devices(Readings("linux", nvml=(card(1, bus="Not Supported", memory_clock=0),)), RAM)
    assert round(known.bandwidth / 1e9) == 936


def test_two_of_eight_are_visible() -> None:
    found = nvidia.devices(readings("8x-h200-two-visible"), RAM)
    assert [device.id[:6] for device in found] == ["GPU-03", "GPU-04"]
