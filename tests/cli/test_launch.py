"""`launch`, with a program in the agent's place that tells what it was started with. tests/agents has real ones."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from localswarm.cli.status import WHOLE

from ..running import MAIN
from .command import answering, environment, run, sentence
from .terminal import Terminal

STAND_IN = f"""#!{sys.executable}
import json, os, pathlib, signal, sys, time
config = pathlib.Path(os.environ["OPENCODE_CONFIG"])
seen = dict(words=sys.argv[1:], folder=os.getcwd(), variables=dict(os.environ), file=str(config))
seen["said"] = config.read_text()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
pathlib.Path(os.environ["SEEN"]).write_text(json.dumps(seen))
if "count" in sys.argv:
    interrupts = []
    signal.signal(signal.SIGINT, lambda *_: interrupts.append(1))
    print("counting", flush=True)
    signal.pause()
    time.sleep(1)
    sys.exit(40 + len(interrupts))
if "wait" in sys.argv:
    time.sleep(30)
if "die" in sys.argv:
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(7)
"""
MODEL = {"id": "qwen3:8b", "context_length": 32768, "meta": {"n_ctx_train": 40960}}
SMALL = {"id": "small:1b", "context_length": 8192, "meta": {"n_ctx_train": 8192}}


def listed(*models: dict[str, Any]) -> dict[str, tuple[int, bytes]]:
    return {
        "/v1/models": (
            200,
            json.dumps({"object": "list", "data": [*({"id": name} for name in WHOLE), *models]}).encode(),
        )
    }


@pytest.fixture
def node() -> Iterator[str]:
    with answering(listed(MODEL, SMALL)) as (url, _):
        yield url


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Where the stand-in tells what it saw; it is on this path under the agent's name."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "opencode"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    return tmp_path / "seen.json"


def command(seen: Path, url: str, *words: str) -> tuple[list[str], dict[str, str]]:
    state = str(seen.parent / "state")
    said = [sys.executable, str(MAIN), "launch", "opencode", "--url", url, "--state-dir", state, *words]
    path = f"{seen.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return said, environment(SEEN=str(seen), PATH=path, OPENCODE_CONFIG_CONTENT="{}", HTTP_PROXY="http://127.0.0.1:9")


def launch(seen: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    said, variables = command(seen, url, *words)
    return subprocess.run(said, env=variables, cwd=seen.parent, capture_output=True, text=True, timeout=60)


def told(seen: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(seen.read_text())
    return found


def test_the_agent_is_started_here_and_configured(node: str, seen: Path) -> None:
    done = launch(seen, node, "--", "run", "--model", "x", "--", "hi there")
    assert done.returncode == 7 and done.stderr == "", "its own exit code, and not a word from us"
    found = told(seen)
    assert found["words"] == ["run", "--model", "x", "--", "hi there"]
    assert found["folder"] == str(seen.parent)
    assert json.loads(found["said"])["provider"]["localswarm"]["options"]["baseURL"] == f"{node}/v1"
    assert "OPENCODE_CONFIG_CONTENT" not in found["variables"]
    assert found["variables"]["NO_PROXY"] == "127.0.0.1" and found["variables"]["PATH"]
    assert not Path(found["file"]).parent.exists(), "the temporary configuration is gone"


def test_an_agent_that_a_signal_ends(node: str, seen: Path) -> None:
    assert launch(seen, node, "--", "die").returncode == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_it(number: signal.Signals, node: str, seen: Path) -> None:
    said, variables = command(seen, node, "--", "wait")
    with subprocess.Popen(said, env=variables, cwd=seen.parent, stdin=subprocess.DEVNULL) as process:
        end = time.monotonic() + 20
        while not seen.exists() and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(number)  # to the one, as no terminal would
        # Python's own answer to Ctrl-C is the code of the signal.
        assert process.wait(timeout=20) == (9 if number == signal.SIGTERM else 128 + signal.SIGINT)
    assert not Path(told(seen)["file"]).exists()


def test_ctrl_c_at_a_terminal_comes_once(node: str, seen: Path) -> None:
    """Twice is an order of its own with most agents: to leave."""
    said, variables = command(seen, node, "--", "count")
    with Terminal(said, SEEN=str(seen), PATH=variables["PATH"]) as terminal:
        terminal.until("counting")
        terminal.type("\x03")
        assert terminal.ended() == 41


def test_what_is_printed_can_be_pasted(node: str, seen: Path) -> None:
    printed = launch(seen, node, "--print", "--", "run", "it's")
    assert printed.returncode == 0 and not seen.exists()
    _, variables = command(seen, node)
    pasted = subprocess.run(["sh", "-c", printed.stdout], env=variables, cwd=seen.parent, capture_output=True)
    assert pasted.returncode == 7, pasted
    by_hand = told(seen)
    launch(seen, node, "--", "run", "it's")
    started = told(seen)
    assert by_hand["words"] == started["words"] == ["run", "it's"] and by_hand["said"] == started["said"]
    differing = {name for name in started["variables"] if by_hand["variables"].get(name) != started["variables"][name]}
    assert differing <= {"OPENCODE_CONFIG", "_", "PWD", "SHLVL"}


def test_a_key_in_a_file_is_not_printed(node: str, seen: Path, tmp_path: Path) -> None:
    file = tmp_path / "my key"
    file.write_text("hush\n")
    printed = launch(seen, node, "--print", "--api-key-file", str(file)).stdout
    assert "hush" not in printed and f"LOCALSWARM_AGENT_KEY=\"$(cat '{file}')\"" in printed


def test_the_model_of_ones_choice(node: str, seen: Path) -> None:
    assert '"localswarm/qwen3:8b"' in launch(seen, node, "--print").stdout, "the first, and not the swarm's own name"
    assert '"localswarm/small:1b"' in launch(seen, node, "--print", "--model", "Small:1B").stdout
    there = f"there is: {', '.join(WHOLE)}, qwen3:8b, small:1b"
    assert there in sentence(launch(seen, node, "--model", "other"))


@pytest.mark.parametrize(
    ("agent", "words", "warning"),
    [
        ("opencode", (), ""),
        ("codex", (), ""),
        ("opencode", ("--model", "small:1b"), "of at most 8192. Serve another model: python main.py models --context"),
        ("claude", ("--model", "short"), "start its node again with --context 32768."),
        ("opencode", ("--model", "short"), ""),
    ],
)  # fmt: skip
def test_a_context_that_is_too_small(agent: str, words: tuple[str, ...], warning: str) -> None:
    with answering(listed(MODEL, SMALL, MODEL | {"id": "short", "context_length": 16384})) as (url, _):
        said = run("launch", agent, "--print", "--url", url, *words)
    assert said.returncode == 0 and said.stdout
    assert (warning in said.stderr and said.stderr.startswith("warning: ")) if warning else said.stderr == ""


def test_a_program_that_is_missing(node: str, tmp_path: Path) -> None:
    said = sentence(run("launch", "qwen", "--url", node, PATH=str(tmp_path)))
    assert "qwen is not installed. It needs Node.js 22 or newer; then: npm install -g @qwen-code/qwen-code" in said


def test_no_node_and_no_such_agent(tmp_path: Path) -> None:
    said = sentence(run("launch", "codex", "--state-dir", str(tmp_path), "--port", "1"))
    assert "Start one with: python main.py --auto" in said
    assert "opencode" in sentence(run("launch", "opencod"), code=2)


def test_a_server_that_is_not_ours() -> None:
    with answering({"/v1/models": (200, b'{"data": [{"id": "x"}]}')}) as (url, _):
        assert "not a Local Swarm node" in sentence(run("launch", "codex", "--url", url))


def test_a_state_folder_that_cannot_be_made(node: str, seen: Path) -> None:
    (seen.parent / "state").touch()
    assert "--state-dir" in sentence(launch(seen, node))
