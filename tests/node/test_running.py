"""Which nodes run with a state folder, out of its database."""

import os
import subprocess
import sys
from pathlib import Path

from localswarm.node.running import addresses
from localswarm.state import State
from localswarm.state.processes import Process
from localswarm.state.server import ServerState, Wanted
from localswarm.state.servers import Claimed


def claim(state: State, port: int, ready: bool = True, host: str = "localhost", process: Process | None = None) -> None:
    wanted = Wanted(Path(f"/models/{port}.gguf"), "m", 4096, 1, {"ram": 1}, host, port)
    claimed = state.servers.claim(wanted, {"ram": 100}, process)
    assert isinstance(claimed, Claimed)
    if ready:
        state.servers.update(claimed.id, ServerState.READY, port)


def test_those_that_can_answer_come_first_and_the_latest_of_them(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        claim(state, 1001)
        claim(state, 1002, ready=False)
        claim(state, 1003, host="10.0.0.5")
        claim(state, 0, ready=False)
        claim(state, 1004, process=Process(os.getpid(), "another boot", 0.0))
    assert addresses(tmp_path) == ["http://10.0.0.5:1003", "http://localhost:1001", "http://localhost:1002"]


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert addresses(tmp_path / "none") == [] and not (tmp_path / "none").exists()


def test_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    State(tmp_path).close()
    (tmp_path / "state.lock").write_text("in the way")
    assert addresses(tmp_path) == []


def test_it_loads_nothing_of_the_server() -> None:
    heavy = {"fastapi", "llama_cpp", "huggingface_hub", "numpy"}
    code = "import sys, localswarm.cli.status; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(said.stdout.split())
    assert "localswarm.node.running" in loaded and not heavy & loaded
