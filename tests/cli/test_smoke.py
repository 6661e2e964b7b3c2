"""`smoke`: PASS where all is well, FAIL with its reason where it is not, and no node is left behind."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from ..running import MAIN
from .command import answering, environment, run


def outcome(said: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said.stdout)
    assert said.returncode == (0 if found["result"] == "PASS" else 1)
    return found


def test_the_embedded_model_passes() -> None:
    found = outcome(run("smoke", "--context", "512", "--instances", "1"))
    assert found["result"] == "PASS", found
    assert [check["name"] for check in found["checks"]] == ["start", "health", "models", "generate", "stream", "stop"]
    assert all(check["ok"] and check["error"] is None and check["seconds"] >= 0 for check in found["checks"])
    assert found["checks"][-1]["seconds"] < 5


def test_a_node_that_does_not_start(tmp_path: Path) -> None:
    found = outcome(run("smoke", "--model", str(tmp_path / "none.gguf")))
    assert found["result"] == "FAIL" and len(found["checks"]) == 1
    assert "none.gguf" in found["checks"][0]["error"]


def test_a_node_that_takes_too_long() -> None:
    found = outcome(run("smoke", "--timeout", "0.1"))
    assert found["result"] == "FAIL" and "not ready within" in found["checks"][0]["error"]


def test_a_node_that_answers_nothing() -> None:
    answers = {
        "/health": (200, b'{"load": {}}'),
        "/v1/models": (200, b'{"data": [{"id": "a"}]}'),
        "/v1/chat/completions": (200, b'{"choices": [{"message": {"content": ""}}]}'),
    }
    with answering(answers) as (url, _):
        found = outcome(run("smoke", "--url", url))
    assert [check["name"] for check in found["checks"]] == ["health", "models", "generate"]
    assert found["checks"][-1]["error"] == "The answer is empty."


def test_sigterm_leaves_no_node_behind() -> None:
    process = subprocess.Popen([sys.executable, str(MAIN), "smoke"], stdout=subprocess.PIPE, env=environment())
    me = psutil.Process(process.pid)
    end = time.monotonic() + 30
    while not (children := me.children()):
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert not psutil.wait_procs(children, timeout=5)[1]
