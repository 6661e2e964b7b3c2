"""The folder of heads: what is removed, in which order, and what others in it may do at any time."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from localswarm.engines.llama_cpp import head_file
from localswarm.engines.llama_cpp.head_file import MAGIC, Head
from localswarm.engines.llama_cpp.head_store import UNUSED_SECONDS, Kind, Store
from localswarm.engines.llama_cpp.heads import AT_ONCE_TOKENS, Heads

KIB = 1024
ROOM = 10**9


@pytest.fixture
def kind(tmp_path: Path) -> Kind:
    return kind_of(tmp_path / "models" / "a.gguf")


def kind_of(model: Path, engine: str = "1.0") -> Kind:
    model.parent.mkdir(exist_ok=True)
    model.write_bytes(b"weights")
    about = model.stat()
    return Kind(str(model), about.st_size, about.st_mtime_ns, "f16 -1", engine)


def tokens(number: int, count: int = AT_ONCE_TOKENS) -> list[int]:
    return [number, *range(count - 1)]


def state(size: int = 100 * KIB) -> np.ndarray:
    return np.arange(size, dtype=np.uint32).view(np.uint8)[:size].copy()


def keep(heads: Heads, number: int, size: int = 100 * KIB) -> None:
    assert heads.wants(tokens(number))
    heads.put(tokens(number), state(size))
    heads.close()


def kept(heads: Heads, number: int) -> Head | None:
    return heads.longest([*tokens(number), 7])[1]


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    for each in (*path.glob("*"), path):
        os.utime(each, (then, then))


def files(root: Path) -> list[Path]:
    return sorted(root.glob("*/*.head"))


def test_what_is_written_is_read(kind: Kind, tmp_path: Path) -> None:
    keep(Heads(Store(tmp_path / "heads", kind)), 1)
    found = kept(Heads(Store(tmp_path / "heads", kind)), 1)
    assert found and found.tokens == tokens(1) and bytes(found.load()) == bytes(state())


@pytest.mark.parametrize("place", ["first", "last", "middle"])
def test_a_flipped_bit_in_the_state_is_noticed(place: str, kind: Kind, tmp_path: Path) -> None:
    keep(Heads(Store(tmp_path / "heads", kind)), 1)
    (file,) = files(tmp_path / "heads")
    heads = Heads(Store(tmp_path / "heads", kind))
    found = kept(heads, 1)
    assert found
    flip(file, {"first": found.begin, "last": found.begin + found.size - 1, "middle": found.begin + 5000}[place])
    assert not found.load().nbytes
    heads.forget(found)
    assert not file.exists() and kept(heads, 1) is None and heads.wants(tokens(1))


@pytest.mark.parametrize("at", [0, *(len(MAGIC) + more for more in (0, 8, 16, 24, 4000))])
def test_a_flipped_bit_before_the_state_is_noticed_at_the_start(at: int, kind: Kind, tmp_path: Path) -> None:
    keep(Heads(Store(tmp_path / "heads", kind)), 1)
    (file,) = files(tmp_path / "heads")
    flip(file, at)
    assert not Store(tmp_path / "heads", kind).heads() and not file.exists()


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 0x10
    file.write_bytes(data)


def test_what_was_used_longest_ago_goes_first_whoever_wrote_it(kind: Kind, tmp_path: Path) -> None:
    other = kind_of(tmp_path / "models" / "b.gguf")
    room = 350 * KIB  # three of them
    ours, theirs = (Heads(Store(tmp_path / "heads", each, room)) for each in (kind, other))
    for heads, number in ((theirs, 1), (ours, 2), (ours, 3)):
        keep(heads, number)
    for past, (heads, number) in enumerate(((theirs, 1), (ours, 2), (ours, 3))):
        found = kept(heads, number)
        assert found
        os.utime(found.path, (1000 + past, 1000 + past))
    assert not theirs.wants(tokens(1))  # the oldest is used once more
    keep(ours, 4)
    assert kept(ours, 2) is None and kept(ours, 3) and kept(ours, 4)
    assert len(files(tmp_path / "heads")) == 3
    keep(ours, 5, 300 * KIB)
    assert [kept(ours, number) is not None for number in (3, 4, 5)] == [False, False, True]
    assert len(files(tmp_path / "heads")) == 1
    # What another has removed is missed, and written again.
    assert theirs.wants(tokens(1)) and kept(theirs, 1) is None


def test_what_is_larger_than_the_room_removes_nothing(kind: Kind, tmp_path: Path) -> None:
    heads = Heads(Store(tmp_path / "heads", kind, 150 * KIB))
    keep(heads, 1)
    heads.put(tokens(2), state(200 * KIB))
    heads.close()
    assert kept(heads, 1) and kept(heads, 2) is None


@pytest.mark.parametrize("fate", ["removed", "replaced"])
def test_heads_of_a_model_that_is_gone_go_too(fate: str, kind: Kind, tmp_path: Path) -> None:
    other = kind_of(tmp_path / "models" / "b.gguf")
    for each in (kind, other):
        keep(Heads(Store(tmp_path / "heads", each)), 1)
    if fate == "removed":
        Path(other.path).unlink()
    else:
        Path(other.path).write_bytes(b"others")
    Store(tmp_path / "heads", kind)
    assert [path.parent.name for path in files(tmp_path / "heads")] == [kind.folder]
    assert not (tmp_path / "heads" / other.folder).exists()


def test_heads_of_another_version_go_when_nobody_uses_them(kind: Kind, tmp_path: Path) -> None:
    old = replace(kind, engine="0.9")
    keep(Heads(Store(tmp_path / "heads", old)), 1)
    unknown = tmp_path / "heads" / ("0" * 16)
    unknown.mkdir()
    (unknown / "a.head").write_bytes(b"local swarm head 1\n")
    Store(tmp_path / "heads", kind)
    assert len(files(tmp_path / "heads")) == 2
    for folder in (tmp_path / "heads" / old.folder, unknown):
        age(folder, UNUSED_SECONDS + 60)
    Store(tmp_path / "heads", kind)
    assert not list((tmp_path / "heads").iterdir())


def test_nothing_else_in_the_folder_is_touched(kind: Kind, tmp_path: Path) -> None:
    mine = tmp_path / "heads" / "my notes"
    mine.mkdir(parents=True)
    (mine / "a.txt").write_text("mine")
    age(mine, 10 * UNUSED_SECONDS)
    Store(tmp_path / "heads", kind)
    assert (mine / "a.txt").exists()


WRITER = """
import sys, threading, numpy as np
from pathlib import Path
from localswarm.engines.llama_cpp.head_file import write

class Slow:
    nbytes = 2**20
    @property
    def data(self):
        if threading.current_thread().name == "asked": print("half", flush=True); threading.Event().wait()
        threading.current_thread().name = "asked"
        return np.zeros(2**20, np.uint8)

write(Path(sys.argv[1]) / "a.head", list(range(1000)), Slow())
"""


def test_a_writer_that_is_killed_leaves_nothing_half(kind: Kind, tmp_path: Path) -> None:
    store = Store(tmp_path / "heads", kind)
    store.prepare(0)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.folder)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout and writer.stdout.readline() == "half\n"
        writer.send_signal(signal.SIGKILL)
    (half,) = store.folder.glob("*.part")
    assert not Store(tmp_path / "heads", kind).heads()
    assert half.exists()  # it may be that of a node that writes just now
    age(half, UNUSED_SECONDS + 60)
    Store(tmp_path / "heads", kind)
    assert not half.exists()


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file can grow beyond this: the write fails in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_costs_only_the_head(kind: Kind, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heads = Heads(Store(tmp_path / "heads", kind, ROOM))
    keep(heads, 1)
    with full_disk(2 * 2**20):
        heads.put(tokens(2), state(3 * 2**20))
        heads.close()
    assert "could not be kept" in caplog.text
    assert kept(heads, 1) and kept(heads, 2) is None
    assert not list((tmp_path / "heads").glob("*/*.part")) and len(files(tmp_path / "heads")) == 1
    keep(heads, 2)


def test_two_nodes_that_write_the_same_and_remove_what_the_other_has(kind: Kind, tmp_path: Path) -> None:
    one, two = (Heads(Store(tmp_path / "heads", kind, ROOM)) for _ in range(2))
    for heads in (one, two):
        assert heads.wants(tokens(1))
        heads.put(tokens(1), state())
    for heads in (one, two):
        heads.close()
        found = kept(heads, 1)
        assert found and bytes(found.load()) == bytes(state())
    mine, theirs = kept(one, 1), kept(two, 1)
    assert mine and theirs
    one.forget(mine)
    assert not theirs.load().nbytes
    two.forget(theirs)
    keep(two, 1)


def test_a_head_is_for_its_owner_alone(kind: Kind, tmp_path: Path) -> None:
    keep(Heads(Store(tmp_path / "heads", kind)), 1)
    (file,) = files(tmp_path / "heads")
    assert file.stat().st_mode & 0o077 == 0 and file.parent.stat().st_mode & 0o077 == 0
    assert head_file.read(file)
