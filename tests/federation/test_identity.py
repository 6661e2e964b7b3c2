"""Which node this is, as the state folder tells it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from localswarm.federation.code import OPEN, Code
from localswarm.federation.identity import code_of, first_code, id_of, keep_code, load, visiting
from localswarm.state.failures import StateUnusable

CODE = Code(12345)
OTHER_USER = 12345

ANOTHER_NODE = """
import sys
from pathlib import Path
from localswarm.federation.code import Code
from localswarm.federation.identity import load
identity = load(Path(sys.argv[1]), Code(12345))
print(identity.slot.number, identity.id, flush=True)
sys.stdin.read()
"""
A_FIRST_START = """
import sys
from pathlib import Path
from localswarm.federation.identity import first_code
sys.stdin.readline()
print(first_code(Path(sys.argv[1])))
"""


def other(script: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_node_stays_the_same(tmp_path: Path) -> None:
    first = load(tmp_path, CODE)
    assert first.id == id_of(first.key.public_key()) and len(first.id) == 16
    first.release()
    again = load(tmp_path, CODE)
    assert again.id == first.id and again.certificate == first.certificate


def test_another_swarm_leaves_it_its_key(tmp_path: Path) -> None:
    first = load(tmp_path, CODE)
    first.release()
    moved = load(tmp_path, Code(54321))
    assert moved.id == first.id
    moved.certificate.verify_directly_issued_by(moved.authority.certificate)


def test_nodes_on_one_folder_are_several(tmp_path: Path) -> None:
    nodes = [load(tmp_path, CODE) for _ in range(3)]
    assert [node.slot.number for node in nodes if node.slot] == [0, 1, 2]
    assert len({node.id for node in nodes}) == 3
    nodes[1].release()
    assert load(tmp_path, CODE).id == nodes[1].id


def test_the_key_of_a_killed_node_is_free(tmp_path: Path) -> None:
    with other(ANOTHER_NODE, tmp_path) as process:
        assert process.stdout
        number, id = process.stdout.readline().split()
        beside = load(tmp_path, CODE)
        assert (number, beside.slot and beside.slot.number) == ("0", 1)
        process.kill()
        process.wait()
        assert load(tmp_path, CODE).id == id


def test_a_copied_home_gets_another_key(tmp_path: Path) -> None:
    here = load(tmp_path / "here", CODE)
    shutil.copytree(tmp_path / "here", tmp_path / "copy")
    copy = load(tmp_path / "copy", CODE)
    assert copy.id == here.id
    renewed = copy.renew()
    assert renewed.id == id_of(renewed.key.public_key()) != here.id
    renewed.certificate.verify_directly_issued_by(here.authority.certificate)
    renewed.release()
    assert load(tmp_path / "copy", CODE).id == renewed.id
    assert here.authority.certificate == renewed.authority.certificate


def test_a_command_leaves_the_node_alone(tmp_path: Path) -> None:
    node = load(tmp_path, CODE)
    before = sorted(tmp_path.rglob("*"))
    guest = visiting(tmp_path, CODE)
    assert guest.id != node.id and guest.renew().id != guest.id
    guest.certificate.verify_directly_issued_by(node.authority.certificate)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_open_swarm_writes_nothing(tmp_path: Path) -> None:
    first, second = load(tmp_path, OPEN), load(tmp_path, OPEN).renew()
    assert first.id != second.id and first.authority.certificate == second.authority.certificate
    assert not list(tmp_path.iterdir())


def test_the_code_is_kept(tmp_path: Path) -> None:
    assert code_of(tmp_path) is None
    keep_code(tmp_path, CODE)
    assert code_of(tmp_path) == first_code(tmp_path) == CODE
    keep_code(tmp_path, Code(54321))
    assert code_of(tmp_path) == Code(54321)


def test_only_the_owner_reads_what_is_kept(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        first_code(tmp_path / "state")
        load(tmp_path / "state", CODE).release()
    finally:
        os.umask(umask)
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"code", "authority", "node-0.key"}
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_threads_that_start_at_once_take_the_same_code(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: first_code(tmp_path), range(32)))) == 1


def test_processes_that_start_at_once_take_the_same_code(tmp_path: Path) -> None:
    processes = [other(A_FIRST_START, tmp_path) for _ in range(4)]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    codes = {process.communicate()[0] for process in processes}
    assert codes == {f"{code_of(tmp_path)}\n"}


FILES: dict[str, Callable[[Path], object]] = {
    "code": lambda folder: code_of(folder),
    "node-0.key": lambda folder: load(folder, CODE).release(),
    "authority": lambda folder: visiting(folder, CODE),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keep_code(tmp_path, CODE)
    load(tmp_path, CODE).release()
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_what_others_can_read_is_refused(folder: Path, name: str) -> None:
    FILES[name](folder)
    (folder / "federation" / name).chmod(0o604)
    with pytest.raises(StateUnusable, match=f"chmod 600 .*{name}.*new-code"):
        FILES[name](folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_what_belongs_to_others_is_refused(folder: Path, name: str) -> None:
    os.chown(folder / "federation" / name, OTHER_USER, OTHER_USER)
    with pytest.raises(StateUnusable, match=rf"another user \(number {OTHER_USER}\).*chown"):
        FILES[name](folder)


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_said(folder: Path, name: str) -> None:
    file = folder / "federation" / name
    file.unlink()
    file.mkdir()
    with pytest.raises(StateUnusable, match=f"{name} cannot be read.*--state-dir"):
        FILES[name](folder)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff\x00" * 5000, b"04HM-ASW9-NF6Y-Y093-8NKR0\n"])
@pytest.mark.parametrize(("name", "said"), [("code", "--join CODE.*rm "), ("node-0.key", "Remove it with: rm ")])
def test_damage_is_said(folder: Path, name: str, said: str, content: bytes) -> None:
    (folder / "federation" / name).write_bytes(content)
    with pytest.raises(StateUnusable, match=f"{name} is damaged.*{said}"):
        FILES[name](folder)


def test_a_key_of_another_kind_is_damage(folder: Path) -> None:
    ssh = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n"
    (folder / "federation" / "node-0.key").write_text(ssh)
    with pytest.raises(StateUnusable, match="is damaged"):
        load(folder, CODE)


def test_joining_mends_a_damaged_code(folder: Path) -> None:
    (folder / "federation" / "code").write_text("?")
    keep_code(folder, CODE)
    assert code_of(folder) == CODE


@pytest.mark.parametrize(
    "what", [first_code, lambda folder: keep_code(folder, CODE), lambda folder: load(folder, CODE)]
)
def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, what: Callable[[Path], object]) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateUnusable, match=r"cannot be written.*--state-dir"):
        what(tmp_path / "state")


def test_a_start_is_quick_once_the_code_is_known(folder: Path) -> None:
    begun = time.process_time()
    load(folder, CODE)
    assert time.process_time() - begun < 0.05
