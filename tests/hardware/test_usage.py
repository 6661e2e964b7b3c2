"""What a process has of each accelerator, out of what drivers and systems say."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from localswarm.hardware import amd, machine, nvml
from localswarm.hardware.device import Usage
from localswarm.hardware.readings import Readings
from localswarm.hardware.usage import understand

from .machines import readings
from .test_nvml import Driver

GIB = 2**30
PID = 4711
APU, CARD = "strix-halo-128gb", "rx-7900-xtx"


def nvidia(**answer: Any) -> Readings:
    whole = {"uuid": "GPU-1", "total": 24 * GIB, "free": 20 * GIB, "mig": False, "processes": []}
    return Readings("linux", nvml=(whole | answer,))


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        ({"processes": [[1, GIB], [PID, 3 * GIB]]}, Usage("GPU-1", 4 * GIB, 3 * GIB)),
        ({"processes": [[1, GIB]]}, Usage("GPU-1", 4 * GIB)),  # a container: the driver tells the host's numbers
        ({"processes": [[PID, None]]}, Usage("GPU-1", 4 * GIB)),  # Windows, WSL: it tells who, and not how much
        ({"processes": [[PID, GIB], [PID, GIB]]}, Usage("GPU-1", 4 * GIB, 2 * GIB)),
        ({"total": "Not Supported", "free": "Not Supported"}, Usage("GPU-1", None)),
        ({"total": "Not Supported", "processes": [[PID, GIB]]}, Usage("GPU-1", None, GIB)),
        (
            {"mig": True, "instances": [{"uuid": "MIG-1", "total": 9, "free": 4, "processes": [[PID, 3]]}]},
            Usage("MIG-1", 5, 3),
        ),
    ],
)
def test_what_nvml_tells(answer: dict[str, Any], usage: Usage) -> None:
    assert dict(understand(nvidia(**answer), PID).cards) == {usage.id: usage}


TABLE = "index, uuid, name, memory.total [MiB], memory.free [MiB]\n0, GPU-1, NVIDIA A, 24576, 20480\n1, GPU-2, NVIDIA A, 24576, 24000\n"  # noqa: E501


@pytest.mark.parametrize(("size", "own"), [("3072", 3 * GIB), ("[N/A]", None), ("[Insufficient Permissions]", None)])
def test_what_nvidia_smi_tells(size: str, own: int | None) -> None:
    processes = f"pid, gpu_uuid, used_gpu_memory [MiB]\n1, GPU-2, 5\n{PID}, GPU-1, {size}\n"
    said = Readings("linux", commands={"nvidia-smi": TABLE, "nvidia-smi processes": processes})
    assert dict(understand(said, PID).cards) == {
        "GPU-1": Usage("GPU-1", 4 * GIB, own),
        "GPU-2": Usage("GPU-2", 576 * 2**20),
    }


def with_files(name: str, **sizes: int) -> Readings:
    """A recorded machine with other sizes in the driver's files."""
    said = readings(name)
    folder = next(path for path in said.files if "mem_info" in path).rpartition("/")[0]
    node = next(path for path in said.files if path.startswith(amd.NODES) and "simd_count 0\n" not in said.files[path])
    files = {f"{folder}/mem_info_{name}_used": f"{size}\n" for name, size in sizes.items() if name != "own"}
    files |= {node.replace("properties", "gpu_id"): "52031\n"}
    files |= {f"{amd.PROCESSES}/{PID}/vram_52031": f"{sizes['own']}\n"} if "own" in sizes else {}
    return replace(said, files={**said.files, **files})


def test_a_card_of_amd_tells_by_process() -> None:
    (card,) = machine.understand(readings(CARD)).devices
    usage = understand(with_files(CARD, vram=5 * GIB, own=4 * GIB), PID).cards[card.id]
    assert (usage.used, usage.own) == (5 * GIB, 4 * GIB)
    usage = understand(with_files(CARD, vram=5 * GIB), PID).cards[card.id]
    assert (usage.used, usage.own) == (5 * GIB, None)


def test_an_apu_counts_what_it_has_of_the_ram() -> None:
    (usage,) = understand(with_files(APU, vram=GIB, gtt=30 * GIB, own=2 * GIB), PID).cards.values()
    assert (usage.used, usage.own) == (30 * GIB, None)


@pytest.mark.parametrize(("said", "size"), [("phys_footprint: 123456\n", 123456), ("", None), ("error\n", None)])
def test_the_footprint_of_apples_system(said: str, size: int | None) -> None:
    assert understand(Readings("darwin", commands={"footprint": said}), PID).footprint == size


def test_the_driver_is_asked_for_memory_and_processes_alone() -> None:
    driver = Driver()
    driver._answers["DeviceGetComputeRunningProcesses"] = lambda handle: [SimpleNamespace(pid=7, usedGpuMemory=50)]
    (said,) = nvml.ask_usage(driver)
    assert said["processes"] == [[7, 50]] and (said["total"], said["free"]) == (1000, 900) and not said["mig"]
    driver = Driver(refused=("DeviceGetComputeRunningProcesses",), parts=2)
    (said,) = nvml.ask_usage(driver)
    assert [(part["uuid"], part["processes"]) for part in said["instances"]] == [("MIG-0", []), ("MIG-1", [])]
