"""What is kept in the state database of the vLLM that runs for a node, for whoever comes after it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...engines.vllm.command import LOOPBACK
from ...state import State
from ...state.failures import StateUnusable
from ...state.opening import FILE
from ...state.processes import Process

# In the state folder. Whoever has the key may use a vLLM of ours: it is the same from start to start.
KEY_FILE, LOG_FILE, FORMER_LOG = "vllm-key", "vllm.log", "vllm.log.1"
FACT, SUBJECT = "vllm", "of this node"


@dataclass(frozen=True, slots=True)
class Record:
    process: Process
    node: Process  # that started it, or took it over
    port: int
    name: str  # of the model
    words: tuple[str, ...]  # it was started with, without the port

    @property
    def base(self) -> str:
        return base_of(self.port)


def base_of(port: int) -> str:
    return f"http://{LOOPBACK}:{port}/v1"


def keep(state: State, record: Record) -> None:
    state.facts.remember(FACT, SUBJECT, json.dumps(asdict(record)))


def forget(state: State) -> None:
    state.facts.remember(FACT, SUBJECT, "")


def find(state: State) -> Record | None:
    """One whose process is gone is none."""
    fact = state.facts.find(FACT, SUBJECT)
    record = _read(str(fact.value)) if fact and fact.value else None
    return record if record and record.process.alive() else None


def kept(folder: Path) -> Record | None:
    """Quick, and nothing is made where there is nothing."""
    if not (folder / FILE).is_file():
        return None
    try:
        with State(folder) as state:
            return find(state)
    except StateUnusable:
        return None


def _read(text: str) -> Record | None:
    """None where another version of ours wrote it."""
    try:
        said: dict[str, Any] = json.loads(text)
        process, node = Process(**said["process"]), Process(**said["node"])
        return Record(process, node, int(said["port"]), str(said["name"]), tuple(map(str, said["words"])))
    except (ValueError, TypeError, KeyError):
        return None
