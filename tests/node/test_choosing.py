"""A node that finds, downloads and claims its model, through the real command line and a hub that stands in."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..models.stand_in_hub import Answer, StandInHub
from ..running import RunningNode

REPO = "someone/Tiny-GGUF"


@pytest.fixture
def hub(tiny: Callable[[str], Path]) -> Iterator[StandInHub]:
    with StandInHub() as running:
        running.repos[REPO] = {"tiny-Q8_0.gguf": tiny("llama").read_bytes(), "mmproj-tiny.gguf": b"GGUF"}
        yield running


def flags(hub: StandInHub, folder: Path, model: str = REPO) -> tuple[str, ...]:
    return "--model", model, "--hub", hub.endpoint, "--models-dir", str(folder / "hub")


def test_a_model_of_the_hub_is_downloaded_once_and_served(hub: StandInHub, tmp_path: Path) -> None:
    with RunningNode(tmp_path / "one", *flags(hub, tmp_path), auto=False) as node:
        assert "100%" in node.output and node.ask("Hello", max_tokens=4).status_code == 200
        assert f"{REPO}:q8_0" in [model["id"] for model in node.http.get("/v1/models").json()["data"]]
    sent = hub.sent()
    with RunningNode(tmp_path / "two", *flags(hub, tmp_path, f"{REPO}:8bit"), auto=False):
        assert hub.sent() - sent < 4 * 2**20, "only its header is read again"


def test_a_download_that_is_cut_and_killed_goes_on(hub: StandInHub, tmp_path: Path) -> None:
    size = len(hub.repos[REPO]["tiny-Q8_0.gguf"])
    hub.hold_at = size // 2
    node = RunningNode(tmp_path / "state", *flags(hub, tmp_path), auto=False)
    first = subprocess.Popen(node.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    partial = tmp_path / "hub"
    while not any(path.stat().st_size >= size // 2 for path in partial.rglob("*.incomplete")):
        assert first.poll() is None
    first.kill()
    first.wait()
    hub.hold_at = None
    hub.go_on.set()
    sent = hub.sent()
    with node:
        assert node.ask("Hello", max_tokens=4).status_code == 200
    assert hub.sent() - sent < size // 2 + 5 * 2**20


@pytest.mark.parametrize(
    ("answer", "words"),
    [(Answer(404), "no repository"), (Answer(401), "401"), (Answer(200, body=b"<html>", kind="text/html"), "hub")],
)
def test_a_bad_hub_ends_in_one_sentence(answer: Answer, words: str, hub: StandInHub, tmp_path: Path) -> None:
    hub.answers += [answer] * 10
    command = RunningNode(tmp_path / "state", *flags(hub, tmp_path), auto=False).command
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert words in done.stderr.splitlines()[-1]


def test_a_second_node_of_the_same_model_names_the_first(tmp_path: Path) -> None:
    with RunningNode(tmp_path) as first:
        done = subprocess.run(first.command, capture_output=True, text=True, check=False)
        port = first.base.rsplit(":", 1)[1].removesuffix("/v1")
        assert done.returncode == 1
        assert f"already running at http://localhost:{port}" in done.stderr and str(first.process.pid) in done.stderr


def test_what_a_killed_node_held_is_free_again(tmp_path: Path) -> None:
    with RunningNode(tmp_path) as node:
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()
    with RunningNode(tmp_path) as node:
        assert node.ask().status_code == 200


def test_what_does_not_fit_is_refused_and_force_takes_it(tmp_path: Path, smollm2: Path) -> None:
    command = RunningNode(tmp_path, "--model", str(smollm2), "--context", "300000", auto=False).command
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "--force" in done.stderr
    with RunningNode(
        tmp_path, "--model", str(smollm2), "--context", "9000", "--instances", "1", "--force", auto=False
    ) as node:
        assert "more than the 8192 that this model was trained for" in node.output
