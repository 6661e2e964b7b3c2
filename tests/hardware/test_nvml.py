"""What is asked of NVML, with a driver made of plain objects in place of NVIDIA's."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from localswarm.hardware import nvidia, nvml
from localswarm.hardware.memory import Memory
from localswarm.hardware.readings import Readings


class NVMLError(Exception):
    pass


class Driver:
    """Answers as the module pynvml does, and refuses what it was told to refuse."""

    NVMLError = NVMLError
    NVML_CLOCK_SM = 1
    NVML_CLOCK_MEM = 2

    def __init__(self, refused: tuple[str, ...] = (), parts: int = 0) -> None:
        self.open = False
        self._refused = refused
        self._parts = parts
        self._answers: dict[str, Callable[..., Any]] = {
            "Init": lambda: setattr(self, "open", True),
            "Shutdown": lambda: setattr(self, "open", False),
            "DeviceGetCount": lambda: 1,
            "DeviceGetHandleByIndex": lambda number: ("GPU", number),
            "DeviceGetUUID": lambda handle: f"{handle[0]}-{handle[1]}",
            "DeviceGetName": lambda handle: "NVIDIA H200",
            "DeviceGetMemoryInfo": lambda handle: SimpleNamespace(total=1000, free=900),
            "DeviceGetCudaComputeCapability": lambda handle: (9, 0),
            "DeviceGetMemoryBusWidth": lambda handle: 6144,
            "DeviceGetMaxClockInfo": lambda handle, clock: {1: 1980, 2: 3201}[clock],
            "DeviceGetNumGpuCores": lambda handle: 16896,
            "DeviceGetMigMode": lambda handle: [int(self._parts > 0), 0],
            "DeviceGetMaxMigDeviceCount": lambda handle: 7 if self._parts else 0,
            "DeviceGetMigDeviceHandleByIndex": self._part,
        }

    def __getattr__(self, name: str) -> Callable[..., Any]:
        question = name.removeprefix("nvml")

        def answer(*details: Any) -> Any:
            if question in self._refused:
                raise NVMLError("Not Supported")
            return self._answers[question](*details)

        return answer

    def _part(self, handle: tuple[str, int], place: int) -> tuple[str, int]:
        if place >= self._parts:
            raise NVMLError("Not Found")
        return "MIG", place


def test_every_answer_is_taken_down() -> None:
    driver = Driver()
    (said,) = nvml.ask(driver)
    assert said == {
        **{"uuid": "GPU-0", "name": "NVIDIA H200", "total": 1000, "free": 900, "capability": "9.0"},
        **{"bus": 6144, "memory_clock": 3201, "clock": 1980, "cores": 16896, "mig": False, "instances": []},
    }
    assert not driver.open


@pytest.mark.parametrize(
    "question",
    ["GetMemoryInfo", "GetCudaComputeCapability", "GetMemoryBusWidth", "GetNumGpuCores", "GetMigMode", "GetUUID"],
)
def test_one_refused_question_leaves_the_other_answers(question: str) -> None:
    (said,) = nvml.ask(Driver(refused=(f"Device{question}",)))
    assert "Not Supported" in said.values() or said["mig"] is False
    assert said["name"] == "NVIDIA H200"


def test_a_gpu_that_refuses_its_memory_uses_the_ram() -> None:
    said = nvml.ask(Driver(refused=("DeviceGetMemoryInfo",)))
    (found,) = nvidia.devices(Readings("linux", nvml=said), Memory(64, 32))
    assert (found.total, found.free, found.unified) == (64, 32, True)


def test_the_parts_of_a_divided_gpu_are_asked_too() -> None:
    (said,) = nvml.ask(Driver(parts=2))
    assert said["mig"] and [part["uuid"] for part in said["instances"]] == ["MIG-0", "MIG-1"]


@pytest.mark.parametrize("question", ["Init", "DeviceGetCount", "DeviceGetHandleByIndex"])
def test_no_driver_is_an_os_error(question: str) -> None:
    with pytest.raises(OSError, match="Not Supported"):
        nvml.ask(Driver(refused=(question,)))
