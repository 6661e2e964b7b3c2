"""`serve` itself: its menu at a real terminal, and what it does where the best model cannot be loaded."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from localswarm.cli.serve import page

from ..models.catalogue_text import family, one_million
from ..running import MAIN, RunningNode
from .command import run, sentence
from .terminal import Terminal


def offer(state: Path, models: Path, rank: int, name: str, data: bytes) -> None:
    """A model in the user's own catalogue, and its file in the hub's cache: small enough for every machine, and better
    than anything that is shipped."""
    state.mkdir(exist_ok=True)
    with (state / "models.toml").open("a") as file:
        file.write(family(name, one_million(), rank=rank, gguf=f'repo = "someone/{name}", file = "{name}.gguf"'))
    folder = models / f"models--someone--{name}" / "snapshots" / ("0" * 40)
    folder.mkdir(parents=True)
    (folder / f"{name}.gguf").write_bytes(data)


@pytest.fixture
def strange(tiny: Callable[[str], Path]) -> bytes:
    """A whole file, but of an architecture that the engine does not know."""
    return tiny("llama").read_bytes().replace(b"llama", b"lhama")


def flags(folder: Path) -> list[str]:
    return ["--state-dir", str(folder / "state"), "--models-dir", str(folder / "models"), "--offline", "--port", "0"]


def test_the_next_best_where_the_best_cannot_be_loaded(
    strange: bytes, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    offer(tmp_path / "state", models, 100, "first", strange)
    offer(tmp_path / "state", models, 99, "second", strange)
    offer(tmp_path / "state", models, 98, "third", tiny("llama").read_bytes())
    with RunningNode(tmp_path / "state", "--auto", *flags(tmp_path), auto=False) as node:
        told = [line for line in node.output.splitlines() if "Trying the next best" in line]
        assert [line.split()[0] for line in told] == ["first:1m:q8_0", "second:1m:q8_0"]
        assert "third:1m:q8_0" in node.http.get("/health").json()["models"]


def test_it_gives_up_after_some(strange: bytes, tmp_path: Path) -> None:
    for rank, name in enumerate(("fifth", "fourth", "third", "second", "first"), 96):
        offer(tmp_path / "state", tmp_path / "models", rank, name, strange)
    said = run("--auto", *flags(tmp_path))
    assert said.returncode == 1 and said.stderr.count("Trying the next best") == 3
    assert said.stderr.splitlines()[-1].startswith("error: ") and "fifth" not in said.stderr


def test_what_was_named_is_tried_alone(strange: bytes, tmp_path: Path) -> None:
    offer(tmp_path / "state", tmp_path / "models", 100, "first", strange)
    assert "lhama" in sentence(run("--model", "first", *flags(tmp_path)))


def test_the_menu_serves_what_is_chosen(tiny: Callable[[str], Path], tmp_path: Path) -> None:
    offer(tmp_path / "state", tmp_path / "models", 100, "first", tiny("llama").read_bytes())
    with Terminal([sys.executable, str(MAIN), *flags(tmp_path)], columns=150) as terminal:
        shown = terminal.until("q leaves")
        assert "Which model?" in shown and "first:1m:q8_0" in shown and "tokens/s" in shown
        number = re.search(r"(\d+) +first:1m", shown)
        assert number
        terminal.type(f"{number[1]}\r")
        assert "first:1m:q8_0" in terminal.until("try it")
        terminal.type("\x03")
        assert terminal.ended() == 0


def test_the_menu_can_be_left(tmp_path: Path) -> None:
    with Terminal([sys.executable, str(MAIN), *flags(tmp_path)]) as terminal:
        terminal.until("q leaves")
        terminal.type("q")
        assert terminal.ended() == 0
        assert "ready" not in terminal.shown


def test_the_line_that_another_machine_joins_with() -> None:
    join = "python main.py --auto --join ABCD"
    shown = page([("model", "m")], ("a note",), "http://localhost:1/v1", "python main.py", None, join).splitlines()
    assert [line.split()[0] for line in shown[2:]] == ["model", "note", "address", "join", "again", "try"]
    assert shown[5].split(maxsplit=1)[1] == join
    assert "join" not in page([], (), "http://localhost:1/v1", "python main.py", None, "")
