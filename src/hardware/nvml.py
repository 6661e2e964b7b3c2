"""Asks NVIDIA's driver through NVML, by the module `pynvml` that the package nvidia-ml-py brings.

Every answer is a number, a text, or, where the driver refuses that one question, the driver's words for it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any


def ask(nvml: Any) -> tuple[dict[str, Any], ...]:
    """One answer for each GPU; OSError where there is no driver to ask."""
    return _of_each(nvml, _card)


def ask_usage(nvml: Any) -> tuple[dict[str, Any], ...]:
    """The same, of memory alone: how much is free, and who has how much of the rest."""
    return _of_each(nvml, _usage)


def _of_each(nvml: Any, ask_one: Callable[[Any, Any], dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise OSError(str(error)) from None
    try:
        return tuple(ask_one(nvml, nvml.nvmlDeviceGetHandleByIndex(n)) for n in range(nvml.nvmlDeviceGetCount()))
    except nvml.NVMLError as error:
        raise OSError(str(error)) from None
    finally:
        nvml.nvmlShutdown()


def _card(nvml: Any, handle: Any) -> dict[str, Any]:
    def said(question: str, *details: int) -> Any:
        return _said(nvml, partial(getattr(nvml, question), handle, *details))

    capability = said("nvmlDeviceGetCudaComputeCapability")
    mode = said("nvmlDeviceGetMigMode")
    return {
        **_named(nvml, handle),
        "capability": capability if isinstance(capability, str) else ".".join(map(str, capability)),
        "bus": said("nvmlDeviceGetMemoryBusWidth"),
        "memory_clock": said("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_MEM),
        "clock": said("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_SM),
        "cores": said("nvmlDeviceGetNumGpuCores"),
        "mig": _divided(mode),
        "instances": [_named(nvml, part) for part in _instances(nvml, handle)],
    }


def _usage(nvml: Any, handle: Any) -> dict[str, Any]:
    mode = _said(nvml, partial(nvml.nvmlDeviceGetMigMode, handle))
    parts = _instances(nvml, handle) if _divided(mode) else ()
    return {**_held(nvml, handle), "mig": _divided(mode), "instances": [_held(nvml, part) for part in parts]}


def _held(nvml: Any, handle: Any) -> dict[str, Any]:
    found = _said(nvml, partial(nvml.nvmlDeviceGetComputeRunningProcesses, handle))
    processes = [] if isinstance(found, str) else [[each.pid, each.usedGpuMemory] for each in found]
    return {**_named(nvml, handle), "processes": processes}


def _divided(mode: Any) -> bool:
    return not isinstance(mode, str) and bool(mode[0])


def _named(nvml: Any, handle: Any) -> dict[str, Any]:
    memory = _said(nvml, partial(nvml.nvmlDeviceGetMemoryInfo, handle))
    return {
        "uuid": _said(nvml, partial(nvml.nvmlDeviceGetUUID, handle)),
        "name": _said(nvml, partial(nvml.nvmlDeviceGetName, handle)),
        "total": memory if isinstance(memory, str) else memory.total,
        "free": memory if isinstance(memory, str) else memory.free,
    }


def _instances(nvml: Any, handle: Any) -> Iterator[Any]:
    """The parts that a GPU is divided into (MIG); the places for them may be empty."""
    places = _said(nvml, partial(nvml.nvmlDeviceGetMaxMigDeviceCount, handle))
    for place in range(0 if isinstance(places, str) else places):
        instance = _said(nvml, partial(nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, place))
        if not isinstance(instance, str):
            yield instance


def _said(nvml: Any, question: Callable[[], Any]) -> Any:
    try:
        return question()
    except nvml.NVMLError as error:
        return str(error)
