"""Takes down what a machine says about itself. With `tools` and `nvml`, all input and output of this folder."""

import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from . import limits, tools
from .readings import Readings

# Those that hide GPUs from a process or change their order.
VARIABLES = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")

CPUINFO = "/proc/cpuinfo"
# The rest is long, the same for every core, or the serial number of the board.
CPU_LINES = ("model name", "Hardware", "cpu model", "flags", "Features", "CPU implementer", "CPU part")
SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
KFD = "/dev/kfd"
NODES = Path("/sys/class/kfd/kfd/topology/nodes")
PROCESSES = Path("/sys/class/kfd/kfd/proc")
RENDER = Path("/sys/class/drm")
RENDER_FILES = (
    *("mem_info_vram_total", "mem_info_vram_used", "mem_info_gtt_total", "mem_info_gtt_used"),
    *("vendor", "device", "revision", "product_name"),
)
AMD_NAMES = Path("/usr/share/libdrm/amdgpu.ids")


def record(variables: Mapping[str, str]) -> Readings:
    system = platform.system().lower()
    answers, failures = tools.side_by_side(tools.of(system))
    asked = answers.pop("nvidia", None)
    nvml = asked if isinstance(asked, tuple) else None
    memory = psutil.virtual_memory()
    return Readings(
        system=system,
        processor=platform.processor() or platform.machine(),
        files=_processor_files() | read(("/proc/meminfo",)) | amd_files(),
        commands=answers if asked is None or nvml is not None else {**answers, "nvidia-smi": asked},
        nvml=nvml,
        variables={name: variables[name] for name in VARIABLES if name in variables},
        counts=_cores() | {"ram": memory.total, "ram_free": memory.available, "kfd": int(_may_use(KFD))},
        failures=failures,
    )


def usage(pid: int) -> Readings:
    """As much as is needed to tell what a process takes of the memory."""
    system = platform.system().lower()
    answers, failures = tools.side_by_side(tools.of_usage(system, pid))
    asked = answers.pop("nvidia", None)
    text = isinstance(asked, tuple) and len(asked) == 2 and isinstance(asked[0], str)
    memory = psutil.virtual_memory()
    return Readings(
        system=system,
        files=read(("/proc/meminfo",)) | limit_files() | amd_files() | read(PROCESSES.glob(f"{pid}/vram_*")),
        commands=answers | (dict(zip(("nvidia-smi", "nvidia-smi processes"), asked, strict=True)) if text else {}),
        nvml=None if text else asked,
        counts={"ram": memory.total, "ram_free": memory.available},
        failures=failures,
    )


def processor() -> Readings:
    """As much as is needed to count cores."""
    return Readings(platform.system().lower(), files=_processor_files(), counts=_cores())


def read(paths: Iterable[str | Path]) -> dict[str, str]:
    """The files that are there and may be read."""
    found = {}
    for path in paths:
        try:
            found[str(path)] = Path(path).read_text(errors="replace")
        except OSError:
            continue
    return found


def _processor_files() -> dict[str, str]:
    return {name: cpu_lines(text) for name, text in read((CPUINFO,)).items()} | limit_files()


def cpu_lines(text: str) -> str:
    """Each of the lines that count, once: a server says the same of every one of its cores."""
    lines = (line for line in text.splitlines() if line.partition(":")[0].strip() in CPU_LINES)
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def limit_files() -> dict[str, str]:
    """With the depth of a group in place of its name, in paths and in the text that holds them."""
    own = read((limits.OWN,)).get(limits.OWN, "")
    nameless = limits.nameless(own)
    found = {limits.OWN: nameless} if own else {}
    for real, shown in zip(limits.folders(own), limits.folders(nameless), strict=True):
        texts = read(f"{real}/{name}" for name in limits.FILES)
        found |= {path.replace(real, shown, 1): text for path, text in texts.items()}
    return found


def amd_files() -> dict[str, str]:
    found = read(folder / name for folder in _inside(NODES) for name in ("properties", "gpu_id"))
    cards = [card / "device" for card in _inside(RENDER) if card.name.startswith("renderD")]
    found |= read(card / name for card in cards for name in RENDER_FILES)
    chips = {found[f"{card}/device"].strip().removeprefix("0x").upper() for card in cards if f"{card}/device" in found}
    for path, text in read((AMD_NAMES,)).items():
        lines = (line for line in text.splitlines() if line.partition(",")[0] in chips)
        found[path] = "\n".join(lines)
    return found


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _may_use(path: str) -> bool:
    return os.access(path, os.R_OK | os.W_OK)


def _cores() -> dict[str, int]:
    return {"physical_cores": psutil.cpu_count(logical=False) or 0, "allowed_cores": _allowed()}


def _allowed() -> int:
    """Cores that have a thread on which this process may run."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    threads = os.sched_getaffinity(0)
    cores = read(SIBLINGS.format(thread) for thread in threads)
    return len(set(cores.values())) or len(threads)
