"""Asks the vendors' tools. They can hang for ever, even beyond being killed, when a driver does: so all are asked
side by side, in threads that nobody has to wait for."""

import importlib
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import nvml

TOOL_SECONDS = 5.0  # one tool; nvidia-smi takes one or two on a large server that was idle
ALL_SECONDS = 6.0  # all of them: a little more, so that a tool that was killed can still be reported

# WSL has it where no PATH leads.
SMI = ("nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi")
QUESTIONS = "index,uuid,name,memory.total,memory.free,compute_cap,clocks.max.memory,mig.mode.current"
PROCESSES = "--query-compute-apps=pid,gpu_uuid,used_memory"
FEW_QUESTIONS = "index,uuid,name,memory.total,memory.free"  # what drivers of any age understand

OPTIONAL = (
    *("AdvSIMD", "neon", "avx1_0", "avx2_0", "avx512f", "f16c", "fma"),
    *(f"arm.FEAT_{name}" for name in ("DotProd", "I8MM", "BF16", "FP16", "SME")),
)
SYSCTL = ("hw.memsize", "machdep.cpu.brand_string", "hw.physicalcpu", "iogpu.wired_limit_mb")
MAC_COMMANDS: Mapping[str, Sequence[str]] = {
    "sysctl": ("sysctl", *SYSCTL, *(f"hw.optional.{name}" for name in OPTIONAL)),
    "vm_stat": ("vm_stat",),
    "metal": (sys.executable, str(Path(__file__).with_name("metal.py"))),
}
# Beside them it tells the serial numbers of the displays.
DISPLAY_KEYS = ("_name", "sppci_model", "sppci_cores", "spdisplays_mtlgpufamilysupport")

Task = Callable[[], Any]


def of(system: str) -> Mapping[str, Task]:
    if system != "darwin":
        return {"nvidia": nvidia}
    commands = {name: lambda command=command: run(command) for name, command in MAC_COMMANDS.items()}
    return {**commands, "system_profiler": mac_displays}


def of_usage(system: str, pid: int) -> Mapping[str, Task]:
    if system != "darwin":
        return {"nvidia": nvidia_usage}
    asked = (sys.executable, str(Path(__file__).with_name("footprint.py")), str(pid))
    return {"vm_stat": lambda: run(MAC_COMMANDS["vm_stat"]), "footprint": lambda: run(asked)}


def side_by_side(tasks: Mapping[str, Task], seconds: float = ALL_SECONDS) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers and failures by name; what has not answered in time is left to itself."""
    answers: dict[str, Any] = {}
    failures = {name: _late(seconds) for name in tasks}

    def ask(name: str, task: Task) -> None:
        try:
            answers[name] = task()
            del failures[name]
        except OSError as error:
            failures[name] = error.strerror or str(error)

    threads = [threading.Thread(target=ask, args=item, daemon=True) for item in tasks.items()]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return dict(answers), dict(failures)


def run(command: Sequence[str], seconds: float = TOOL_SECONDS) -> str:
    """What it printed, even where it also failed: sysctl prints what it knows and complains about the rest."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        raise OSError(_late(seconds)) from None
    if done.returncode and not done.stdout.strip():
        complaint = _text(done.stderr).splitlines()[-1:]
        raise OSError(f"it ended with {done.returncode} {' '.join(complaint)}".strip())
    return _text(done.stdout)


def nvidia() -> tuple[dict[str, Any], ...] | str:
    """NVML's answers, or nvidia-smi's table."""
    try:
        return nvml.ask(importlib.import_module("pynvml"))
    except (ImportError, OSError):
        return smi(_smi())


def _smi() -> str:
    tool = next((found for name in SMI if (found := shutil.which(name))), None)
    if tool is None:
        raise FileNotFoundError("neither NVML nor nvidia-smi is there")
    return tool


def nvidia_usage() -> tuple[dict[str, Any], ...] | tuple[str, str]:
    """NVML's answers, or nvidia-smi's tables of GPUs and of processes."""
    try:
        return nvml.ask_usage(importlib.import_module("pynvml"))
    except (ImportError, OSError):
        tool = _smi()
        return _table(tool, FEW_QUESTIONS), run((tool, PROCESSES, "--format=csv,nounits"))


def smi(tool: str) -> str:
    """The table of GPUs, with fewer columns where the driver is old: it answers nothing if one question is unknown."""
    try:
        return _table(tool, QUESTIONS)
    except OSError as error:
        if "not a valid field" not in str(error):
            raise
        return _table(tool, FEW_QUESTIONS)


def _table(tool: str, questions: str) -> str:
    said = run((tool, f"--query-gpu={questions}", "--format=csv,nounits"))
    if "uuid" not in said.partition("\n")[0]:
        raise OSError(said.partition("\n")[0])
    return said


def mac_displays() -> str:
    """Only what it says of GPUs."""
    try:
        said = json.loads(run(("system_profiler", "SPDisplaysDataType", "-json")))
        gpus = [{key: gpu[key] for key in DISPLAY_KEYS if key in gpu} for gpu in said["SPDisplaysDataType"]]
    except (ValueError, KeyError, TypeError):
        raise OSError("it printed something else than a list of GPUs") from None
    return json.dumps({"SPDisplaysDataType": gpus})


def _late(seconds: float) -> str:
    return f"it gave no answer in {seconds:g} seconds"


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip()
