"""`--engine vllm` as its users have it: the real command line, with a stand-in for vLLM on the PATH."""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from localswarm.cli.checks.finding import Finding, Situation
from localswarm.cli.checks.vllm import check_vllm
from localswarm.errors import StartError
from localswarm.node.vllm import record
from localswarm.node.vllm.build import ONLY_PLACE, build
from localswarm.node.vllm.start import free_port
from localswarm.settings import Settings
from localswarm.state import State
from localswarm.state.server import Wanted
from localswarm.state.servers import Claimed

from ...running import MAIN, RunningNode, text_of
from .standing import STAND_IN, engines, install, is_gone, running, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="vLLM runs on Linux")
NAME = "Qwen/Qwen3-8B"
FLAGS = ("--engine", "vllm", "--model", NAME, "--force")
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


@contextmanager
def node(state: Path, *more: str) -> Iterator[RunningNode]:
    with RunningNode(state, *FLAGS, *more, auto=False) as started:
        try:
            yield started
        finally:
            if started.process.poll() is None:
                started.stop()


def vllm_of(started: RunningNode) -> psutil.Process:
    found = re.search(r"in vLLM at http://127.0.0.1:(\d+)/v1", started.output)
    assert found, started.output
    (process,) = running(int(found[1]))
    return process


def settings(state: Path, **more: Any) -> Settings:
    return replace(Settings(state_dir=state, port=0, engine="vllm", model=NAME, force=True), **more)


def refused(state: Path, **more: Any) -> str:
    with pytest.raises(StartError) as caught:
        build(settings(state, **more))
    return caught.value.message


def doctor(state: Path, **more: Any) -> Finding:
    return check_vllm(Situation(settings(state, **more), argparse.Namespace()))


def test_asked_killed_and_stopped(tmp_path: Path) -> None:
    with node(tmp_path / "state") as started:
        listed = {one["id"]: one for one in started.http.get("/v1/models").json()["data"]}
        assert listed[NAME]["context_length"] == 4096 and listed[NAME]["local"] is True and "swarm" in listed
        assert text_of(started.stream("Hi")) == text_of(started.stream("Hi", model=NAME)) == "You said Hi "
        assert started.ask("Hi", swarm={"local_only": True}).json()["choices"][0]["message"]["content"]
        called = started.ask("call it", tools=[TOOL]).json()["choices"][0]
        assert called["finish_reason"] == "tool_calls"
        assert json.loads(called["message"]["tool_calls"][0]["function"]["arguments"]) == {"city": "Oslo"}
        assert doctor(tmp_path / "state").verdict == "ok"
        vllm = vllm_of(started)
        beside = engines(vllm)
        vllm.kill()
        until(lambda: is_gone(vllm))
        statuses = set()
        until(lambda: statuses.add(started.ask("Hi").status_code) or 200 in statuses)  # type: ignore[func-returns-value]
        assert statuses <= {200, 502, 503}
        assert all(map(is_gone, beside))
        again = vllm_of(started)
        seconds, code = started.stop()
        assert code == 0 and seconds < 10 and is_gone(again)
    assert not list((tmp_path / "state").glob("*.tmp")) and (tmp_path / "state" / "vllm-key").stat().st_mode & 0o77 == 0


def test_an_answer_that_breaks_off_is_an_error_and_a_node_that_is_killed_takes_its_vllm_along(tmp_path: Path) -> None:
    with node(tmp_path / "state") as started:
        first = vllm_of(started)
        body = {"model": NAME, "stream": True, "messages": [{"role": "user", "content": "die"}]}
        with started.http.stream("POST", "/v1/chat/completions", json=body) as response:
            lines = [line for line in response.iter_lines() if line.startswith("data: ")]
        assert "error" in json.loads(lines[-1][6:]) and "broke off" in lines[-1]
        until(lambda: is_gone(first) and started.ask("Hi").status_code == 200)
        vllm = vllm_of(started)
        beside = engines(vllm)
        started.process.kill()
        until(lambda: is_gone(vllm) and all(map(is_gone, beside)))


def test_one_that_somebody_else_runs_is_used_and_not_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with theirs() as port:
        wrong = refused(tmp_path / "a", vllm_port=port, model="Qwen/Other")
        assert f"The server on port {port} serves {NAME}, and not Qwen/Other" in wrong and "--vllm-port N" in wrong
        with node(tmp_path / "b", "--vllm-port", str(port)) as started:
            assert f"vLLM was running at http://127.0.0.1:{port}/v1 already" in started.output
            assert text_of(started.stream("Hi")) == "You said Hi "
            assert doctor(tmp_path / "b", vllm_port=port).verdict == "ok"
            started.stop()
        (process,) = running(port)
        assert not is_gone(process)
    monkeypatch.setenv("VLLM_API_KEY", "theirs")
    with theirs() as port:
        monkeypatch.delenv("VLLM_API_KEY")
        assert "wants a key" in refused(tmp_path / "c", vllm_port=port)
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        said = refused(tmp_path / "d", vllm_port=other.getsockname()[1])
        assert "is taken by another program, which is no vLLM" in said


def test_a_folder_goes_by_its_name(tmp_path: Path) -> None:
    model = tmp_path / "Tiny"
    model.mkdir()
    (model / "config.json").write_text("{}")
    with theirs("--served-model-name", "Tiny") as port:
        said = doctor(tmp_path / "state", vllm_port=port, model=str(model)).cause
    assert said == "answer through us: no node runs with this state folder"


@contextmanager
def theirs(*more: str) -> Iterator[int]:
    port = free_port()
    words = [sys.executable, str(STAND_IN), "serve", NAME, "--host", "127.0.0.1", "--port", str(port), *more]
    process = subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: any(one.net_connections() for one in running(port)))
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"force": False}, "this machine has no GPU"),
        ({"model": None, "auto": True}, "which model?"),
        ({"model": "qwen2.5-coder:7b:4bit"}, "cannot serve qwen2.5-coder:7b:4bit"),
        ({"model": "./model.gguf"}, "cannot serve ./model.gguf"),
        ({"model": "/no/such/folder"}, "no config.json"),
        ({"vllm_arguments": "--port 1"}, "--vllm-arguments: --port is set by the node itself"),
        ({"vllm_arguments": "'"}, "cannot be taken apart"),
    ],
)
def test_what_cannot_be_started(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    assert words in refused(tmp_path, **more)


def test_what_vllm_itself_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, str(MAIN), *FLAGS, "--port", "0", "--state-dir", str(tmp_path)]
    command += ["--vllm-arguments", "--tool-call-parser qwen9"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = ended.stderr.splitlines()[-1]
    assert ended.returncode == 1 and said.startswith("error: vLLM could not be started with ")
    assert "invalid tool call parser: qwen9" in said and "Traceback" not in ended.stderr


def test_of_two_at_once_one_starts_vllm(tmp_path: Path) -> None:
    log = tmp_path / "vllm.log"
    log.write_text("of the first")
    with State(tmp_path) as state:
        first = Wanted(Path(NAME), NAME, 0, 0, ONLY_PLACE, "localhost", 0)
        assert isinstance(state.servers.claim(first, ONLY_PLACE), Claimed)
        assert f"{NAME} is already being started" in refused(tmp_path, model="Qwen/Other")
    assert log.read_text() == "of the first"


def test_without_vllm(tmp_path: Path) -> None:
    (tmp_path / "bin" / "vllm").unlink()
    said = refused(tmp_path)
    assert "there is no program 'vllm' on the PATH" in said and "--engine auto" in said
    found = doctor(tmp_path)
    assert found.verdict == "fail" and found.cause.startswith("process: ") and "uv tool install" in found.mend


def test_rungs(tmp_path: Path) -> None:
    """The first that does not hold is named."""
    assert doctor(tmp_path, engine="auto").cause == "not used; it is for --engine vllm"
    assert doctor(tmp_path).cause.endswith("vllm can be started; no node runs it now")
    with node(tmp_path) as started:
        vllm = vllm_of(started)
        vllm.send_signal(signal.SIGSTOP)
        assert doctor(tmp_path).cause.startswith("port: nobody answers on port ")
        vllm.send_signal(signal.SIGCONT)
        key = tmp_path / "vllm-key"
        kept = key.read_text()
        key.write_text("wrong")
        assert "refuses our key" in doctor(tmp_path).cause
        key.write_text(kept)
        with State(tmp_path) as state:
            whole = record.find(state)
            assert whole
            record.keep(state, replace(whole, name="Qwen/Other"))
            assert f"serves {NAME}, and not Qwen/Other" in doctor(tmp_path).cause
            record.keep(state, whole)
            # vLLM is as it should be, and the node that is asked for it is not there.
            (server,) = state.servers.living()
            state.servers.update(server.id, server.state, port=1)
        assert doctor(tmp_path).cause.startswith("answer through us: ")
