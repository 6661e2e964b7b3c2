"""Beginnings of prompts come back after a restart, and a damaged file costs nothing but time."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Job, Piece
from localswarm.engines.llama_cpp.engine import LlamaEngine
from localswarm.engines.llama_cpp.head_file import MAGIC, read

from ...tiny_models import KINDS

GREEDY = Sampling(temperature=0, max_tokens=8, ignore_eos=True)
HEAD = "You are an agent with many tools. " + "This tool reads and that one writes. " * 80


@contextmanager
def opened(path: Path, heads: Path) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(EngineOptions(path, context=2048, seats=2, pool=4096, heads=heads, threads=1), lambda _: None)
    try:
        yield engine
    finally:
        engine.close()


def ask(engine: LlamaEngine, question: str) -> tuple[str, int]:
    """The text, and how much of the prompt was found in the cache."""
    head = len(engine.prepare(HEAD))
    engine.submit(Job(question, engine.prepare(HEAD + question), 1, GREEDY, head - 1))
    pieces: list[Piece] = []
    while engine.busy:
        pieces += [one for one in engine.step() if isinstance(one, Piece)]
    usage = pieces[-1].usage
    assert usage
    return "".join(piece.text for piece in pieces), usage.cached


@pytest.mark.parametrize("kind", [kind for kind in KINDS])
def test_a_head_that_came_twice_is_there_after_a_restart(kind: str, tiny: object, tmp_path: Path) -> None:
    path: Path = tiny(kind)  # type: ignore[operator]
    with opened(path, tmp_path / "heads") as engine:
        ask(engine, " Who are you?")
        assert not list(tmp_path.glob("heads/*/*.head"))
        text, _ = ask(engine, " What can you do?")
    (file,) = tmp_path.glob("heads/*/*.head")
    assert file.stat().st_mode & 0o077 == 0
    with opened(path, tmp_path / "heads") as engine:
        again, cached = ask(engine, " What can you do?")
        assert cached >= 500
        assert again == text


@pytest.fixture(scope="module")
def kept(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an engine that has met one beginning twice."""
    folder = tmp_path_factory.mktemp("kept")
    with opened(tiny("llama"), folder) as engine:
        ask(engine, " One?")
        ask(engine, " Two?")
    return folder


@pytest.mark.parametrize("damage", ["cut", "emptied", "other", "gone", "endless", "flipped"])
def test_a_damaged_file_is_read_over(damage: str, kept: Path, tiny: Callable[[str], Path], tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    (file,) = tmp_path.glob("*/*.head")
    whole = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "endless":
        file.write_bytes(MAGIC + (2**62).to_bytes(8, "little") + whole[len(MAGIC) + 8 :])
    elif damage == "flipped":
        head = read(file)
        assert head
        at = head.begin + head.size // 2
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    else:
        file.write_bytes({"cut": whole[:-9], "emptied": b"", "other": whole[:4000] + bytes(len(whole) - 4000)}[damage])
    with opened(tiny("llama"), tmp_path) as engine:
        text, cached = ask(engine, " Three?")
        assert text and cached == 0
        assert not file.exists()
        assert ask(engine, " Four?")[1]
    (again,) = tmp_path.glob("*/*.head")
    assert again.name == file.name and again.stat().st_size == len(whole)


def test_a_folder_that_cannot_be_written_stops_nobody(smollm2: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with opened(smollm2, blocked) as engine:
        ask(engine, " One?")
        assert ask(engine, " Two?")[0]


def test_short_beginnings_are_not_kept(smollm2: Path, tmp_path: Path) -> None:
    with opened(smollm2, tmp_path) as engine:
        for name in "abc":
            engine.submit(Job(name, engine.prepare("You are brief." + name), 1, GREEDY, 3))
            while engine.busy:
                engine.step()
    assert not list(tmp_path.glob("*/*.head"))
