"""Only files whose digest is known are lent, and only while they are what they were."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.federation.weights.shelf import Changed, Item, Shelf, opened, piece
from localswarm.state import State

DATA = bytes(range(256)) * 100
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path / "state") as state:
        yield state


def known(state: State, path: Path, sha256: str | None = SHA256) -> None:
    status = path.stat()
    state.models.remember(path, status.st_size, status.st_mtime_ns, "found", sha256)


@pytest.fixture
def file(state: State, tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(DATA)
    known(state, path)
    return path


def write_over(path: Path) -> None:
    path.write_bytes(DATA[::-1])
    os.utime(path, ns=(1, 1))


def replace_by_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def test_a_file_by_its_digest(state: State, file: Path) -> None:
    item = Shelf(state.models).find(SHA256)
    assert item == Item(file, len(DATA), file.stat().st_mtime_ns)
    with opened(item) as source:
        assert piece(source, item, 100, 50) == DATA[100:150]


@pytest.mark.parametrize("digest", ["", "0" * 64, SHA256[:-1], SHA256.upper(), "../" + SHA256, "a" * 40, SHA256 + "\n"])
def test_nothing_else_is_found(state: State, file: Path, digest: str) -> None:
    assert Shelf(state.models).find(digest) is None


def test_a_file_whose_digest_nobody_took(state: State, tmp_path: Path) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(DATA)
    known(state, path, None)
    assert Shelf(state.models).find(SHA256) is None


@pytest.mark.parametrize("change", [Path.unlink, write_over, replace_by_a_pipe])
def test_one_that_is_another_by_now(state: State, file: Path, change: object) -> None:
    item = Shelf(state.models).find(SHA256)
    assert item and callable(change)
    change(file)
    assert Shelf(state.models).find(SHA256) is None
    with pytest.raises(Changed):
        opened(item)


def test_of_two_the_one_that_is_still_there(state: State, file: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.gguf"
    second.write_bytes(DATA)
    known(state, second)
    file.unlink()
    item = Shelf(state.models).find(SHA256)
    assert item and item.path == second


def test_written_to_while_it_is_read(state: State, file: Path) -> None:
    item = Shelf(state.models).find(SHA256)
    assert item
    with opened(item) as source:
        assert piece(source, item, 0, 10) == DATA[:10]
        write_over(file)
        with pytest.raises(Changed):
            piece(source, item, 10, 10)


def test_deleted_while_it_is_read(state: State, file: Path) -> None:
    item = Shelf(state.models).find(SHA256)
    assert item
    with opened(item) as source:
        file.unlink()
        assert piece(source, item, 0, len(DATA)) == DATA


def test_small_files_by_gits_name(state: State, file: Path) -> None:
    names = {"a" * 40: file}
    shelf = Shelf(state.models, names.get)
    item = shelf.find("a" * 40)
    assert item and item.path == file
    assert shelf.find("b" * 40) is None
    file.unlink()
    assert shelf.find("a" * 40) is None
