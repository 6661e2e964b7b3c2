"""What this build of llama.cpp can lend, asked in a process of its own: drivers are loaded for it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version

from ...errors import SettingError

COMMAND = (sys.executable, "-m", "localswarm.engines.llama_cpp.lend")
SECONDS = 30
ENGINE = "llama-cpp-python"
MISSING = (
    "llama.cpp was built here without its RPC backend, which {flag} needs. Remove the folder .localswarm and start "
    "python main.py again; with CMAKE_ARGS of your own, add -DGGML_RPC=ON to them."
)


@dataclass(frozen=True, slots=True)
class Lendable:
    """A device. `free`: bytes; 0 for the processor, which has the machine's own."""

    name: str
    free: int


def engine() -> str:
    """What both sides must have: its RPC changes from version to version."""
    return f"{ENGINE} {version(ENGINE)}"


def lendable(flag: str) -> list[Lendable]:
    """SettingError where its RPC backend is not there; `flag`: what it is wanted for."""
    try:
        done = subprocess.run([*COMMAND, "terms"], capture_output=True, text=True, timeout=SECONDS, check=True)
        found = [Lendable(one["name"], one["free"]) for one in json.loads(done.stdout)]
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, TypeError):
        found = []
    if not found:
        raise SettingError(MISSING.format(flag=flag))
    return found
