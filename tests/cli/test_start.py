"""What a user meets when a node cannot start: one clear sentence, exit code 1, no traceback."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ..models.test_gguf import spoil
from .command import run, sentence


def refused(*flags: str) -> str:
    return sentence(run(*flags))


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("Local Swarm ")
    text = run("--help").stdout
    assert "examples:" in text and "--instances" in text and "LOCALSWARM_PORT" in text


def test_nothing_asked_for() -> None:
    assert "python main.py --auto" in refused()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("--auto", "--port", str(port), "--state-dir", str(tmp_path))
    assert f"Port {port} on 127.0.0.1 is taken" in said and f"--port {port + 1}" in said


@pytest.mark.parametrize("kind", ["html", "cut off", "none", "folder"])
def test_a_file_that_is_no_whole_model(kind: str, tiny: Callable[[str], Path], tmp_path: Path) -> None:
    """tests/models has them all."""
    file = tmp_path / "spoilt.gguf"
    if kind == "folder":
        file.mkdir()
    elif kind != "none":
        spoil(tiny("llama"), file, kind)
    assert str(file) in refused("--model", str(file), "--state-dir", str(tmp_path))


def test_a_whole_file_that_the_engine_cannot_load(tiny: Callable[[str], Path], tmp_path: Path) -> None:
    """The header is whole, but names an architecture that llama.cpp does not know."""
    file = tmp_path / "strange.gguf"
    file.write_bytes(tiny("llama").read_bytes().replace(b"llama", b"lhama"))
    said = refused("--model", str(file), "--port", "0", "--state-dir", str(tmp_path))
    assert "could not load" in said and "lhama" in said


def test_a_context_beyond_the_models(tmp_path: Path) -> None:
    said = refused("--model", "smollm2:135m:q4_1", "--context", "16384", "--port", "0", "--state-dir", str(tmp_path))
    assert "trained for (8192 tokens)" in said


@pytest.mark.parametrize("flags", [("--port", "x"), ("--context", "-1"), ("--instances", "1000")])
def test_a_wrong_flag(flags: tuple[str, str]) -> None:
    assert flags[0] in sentence(run("--auto", *flags), code=2)


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    assert "--host" in refused("--auto", "--host", "203.0.113.9", "--port", "0", "--state-dir", str(tmp_path))


def test_a_state_folder_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "--state-dir" in refused("--auto", "--state-dir", str(file / "below"))
