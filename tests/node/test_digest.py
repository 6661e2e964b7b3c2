"""The sha256 of a model is taken when nobody asks anything, once, and others may fetch the files by it."""

import hashlib
from pathlib import Path

import anyio
import pytest
from localswarm.federation.weights.shelf import Shelf
from localswarm.models.hub import folder_files
from localswarm.node import digest
from localswarm.node.digest import Digest, files, together
from localswarm.state import State


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def folder_of(path: Path) -> Path:
    path.mkdir()
    for name, text in ((folder_files.CONFIG, b"{}"), ("model-2.safetensors", b"two"), ("model-1.safetensors", b"one")):
        path.joinpath(name).write_bytes(text)
    return path


async def told(state: State, path: Path, quiet: float = 1e9) -> list[str]:
    found: list[str] = []
    with anyio.move_on_after(2):
        await Digest(state, path, lambda: quiet, found.append, look=0.01).run()
    return found


async def test_of_a_file_it_is_its_own_and_it_is_lent_by_it_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"weights")
    with State(tmp_path / "state") as state:
        assert Shelf(state.models).find(sha256(b"weights")) is None
        assert await told(state, path) == [sha256(b"weights")]
        assert (item := Shelf(state.models).find(sha256(b"weights"))) and item.path == path


async def test_of_a_folder_it_is_that_of_all_weights_and_each_of_them_is_lent(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "mlx")
    assert [file.name for file in files(path)] == ["model-1.safetensors", "model-2.safetensors"]
    with State(tmp_path / "state") as state:
        assert await told(state, path) == [together([sha256(b"one"), sha256(b"two")])]
        for text in (b"one", b"two"):
            assert Shelf(state.models).find(sha256(text))


async def test_nobody_waits_for_it_and_what_is_known_waits_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"weights")
    with State(tmp_path / "state") as state:
        assert await told(state, path, quiet=digest.QUIET_SECONDS - 1) == []
        assert await told(state, path) == [sha256(b"weights")]
        assert await told(state, path, quiet=0.0) == [sha256(b"weights")]


async def test_a_file_that_has_gone_is_told_nothing_of(tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        assert await told(state, tmp_path / "none.gguf") == []
