"""`write` and `edit` on a real folder."""

import os
import stat
import threading
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from localswarm.tools.executors.edit import edit
from localswarm.tools.executors.write import write
from localswarm.tools.files import Root
from localswarm.tools.texts import Texts
from localswarm.tools.tool import ToolFailed

from ..conftest import Calling


def files(project: Path) -> set[str]:
    return {str(path.relative_to(project)) for path in project.rglob("*") if path.is_symlink() or not path.is_dir()}


async def test_a_file_is_written_with_its_folders(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    done = await call(write(root, texts), path="new/deep/file.txt", content="café\n")
    assert done.content == "Wrote 6 bytes to new/deep/file.txt. A new file."
    assert (project / "new/deep/file.txt").read_text() == "café\n"
    assert call.asked[-1] == "new/deep/file.txt" and files(project) == {"new/deep/file.txt"}
    assert (project / "new/deep/file.txt").stat().st_uid == project.stat().st_uid  # noqa: ASYNC240


async def test_permissions_stay(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    (project / "script").write_text("old")
    (project / "script").chmod(0o4755)
    done = await call(write(root, texts), path="script", content="new")
    assert done.content == "Wrote 3 bytes to script. What was there, 3 bytes, is replaced."
    assert stat.S_IMODE((project / "script").stat().st_mode) == 0o755


async def test_nobody_sees_half_a_file(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    (project / "file").write_text("a" * 10**6)
    seen: set[tuple[str, int]] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            text = (project / "file").read_text()
            seen.add((text[:1], len(text)))

    looking = threading.Thread(target=look)
    looking.start()
    for letter in "bcdefgh":
        await call(write(root, texts), path="file", content=letter * 10**6)
    stop.set()
    looking.join()
    assert {length for _, length in seen} == {10**6} and files(project) == {"file"}


@pytest.mark.parametrize(
    "path",
    ["/etc/planted", "../planted", "~/../../etc/planted", "out/planted", "up/planted", ".", "", "folder", "pipe",
     "dangling/planted", "file/planted"],
)  # fmt: skip
async def test_nothing_is_written_outside_or_over_what_is_no_file(
    root: Root, texts: Texts, project: Path, call: Calling, tmp_path: Path, path: str
) -> None:
    (project / "folder").mkdir()
    (project / "file").touch()
    (project / "out").symlink_to(tmp_path)
    (project / "up").symlink_to("..")
    (project / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(project / "pipe")
    with pytest.raises(ToolFailed):
        await call(write(root, texts), path=path, content="planted")
    for place in (Path("/etc"), project.parent, tmp_path):
        assert not (place / "planted").exists()
    assert files(project) == {"file", "out", "up", "dangling", "pipe"}


@pytest.mark.parametrize(
    "path", [".git/hooks/pre-commit", "link/hooks/post-merge", ".envrc", ".vscode/new.json", ".GIT/config"]
)
async def test_what_runs_later_is_not_changed(
    root: Root, texts: Texts, project: Path, call: Calling, path: str
) -> None:
    (project / ".git" / "hooks").mkdir(parents=True)
    (project / ".git" / "config").write_text("[core]\n")
    (project / "link").symlink_to(".git")
    with pytest.raises(ToolFailed, match="never changed"):
        await call(write(root, texts), path=path, content="planted")
    assert files(project) == {".git/config", "link"}


async def test_a_link_to_a_file_inside_is_written_through(
    root: Root, texts: Texts, project: Path, call: Calling
) -> None:
    (project / "real").write_text("old")
    (project / "link").symlink_to("real")
    await call(write(root, texts), path="link", content="new")
    assert (project / "real").read_text() == "new" and (project / "link").is_symlink()
    assert call.asked[-1] == "real"


async def test_a_link_to_what_is_outside_is_replaced_and_not_followed(
    root: Root, texts: Texts, project: Path, call: Calling, tmp_path: Path
) -> None:
    outside = tmp_path / "bashrc"
    outside.write_text("mine")
    (project / "link").symlink_to(outside)
    await call(write(root, texts), path="link", content="planted")
    assert outside.read_text() == "mine" and not (project / "link").is_symlink()


async def test_folders_that_are_swapped_while_it_is_written(
    root: Root, texts: Texts, project: Path, call: Calling, tmp_path: Path
) -> None:
    (project / "real").mkdir()
    (project / "trap").symlink_to(tmp_path)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for one, other in (("real", "now"), ("now", "real"), ("trap", "now"), ("now", "trap")):
                try:
                    os.rename(project / one, project / other)
                except OSError:
                    (project / one).exists()

    swapper = threading.Thread(target=swap)
    swapper.start()
    for _ in range(300):
        try:
            await call(write(root, texts), path="now/planted", content="x")
        except ToolFailed:
            await anyio.lowlevel.checkpoint()
    stop.set()
    swapper.join()
    assert not (tmp_path / "planted").exists()


async def test_an_edit_gives_the_difference_back(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    (project / "file.py").write_text("".join(f"line {number}\n" for number in range(1, 101)))
    done = await call(edit(root, texts), path="file.py", old_string="line 50\n", new_string="changed\nand more\n")
    assert done.content.splitlines() == [
        "--- a/file.py", "+++ b/file.py", "@@ -47,7 +47,8 @@", " line 47", " line 48", " line 49", "-line 50",
        "+changed",
        "+and more", " line 51", " line 52", " line 53",
    ]  # fmt: skip
    assert "line 49\nchanged\nand more\nline 51" in (project / "file.py").read_text()


@pytest.mark.parametrize(
    "before, arguments, after",
    [
        ("a b a", {"old_string": "b", "new_string": "c"}, "a c a"),
        ("a b a", {"old_string": "a", "new_string": "c", "replace_all": True}, "c b c"),
        ("one\r\ntwo\r\n", {"old_string": "one\ntwo", "new_string": "1\n2"}, "1\r\n2\r\n"),
        ("\ufeffone\n", {"old_string": "one", "new_string": "two"}, "\ufefftwo\n"),
        ("one\n", {"old_string": "one\n", "new_string": ""}, ""),
        (r"\1 $0", {"old_string": r"\1", "new_string": r"\2"}, r"\2 $0"),
    ],
)
async def test_edits(
    root: Root, texts: Texts, project: Path, call: Calling, before: str, arguments: dict[str, Any], after: str
) -> None:
    (project / "file").write_bytes(before.encode())
    await call(edit(root, texts), path="file", **arguments)
    assert (project / "file").read_bytes().decode() == after


@pytest.mark.parametrize(
    "arguments, why",
    [
        ({"old_string": "A"}, "is not in file"),
        ({"old_string": "a"}, "2 times"),
        ({"old_string": "b", "new_string": "b"}, "nothing to change"),
        ({"old_string": "b", "new_string": "x" * 4 * 2**20}, "larger"),
        ({"path": "missing", "old_string": "b"}, "does not exist"),
        ({"path": "bytes", "old_string": "b"}, "UTF-8"),
        ({"path": ".envrc", "old_string": "b"}, "never changed"),
    ],
)
async def test_edits_that_are_refused(
    root: Root, texts: Texts, project: Path, call: Calling, arguments: dict[str, str], why: str
) -> None:
    (project / "file").write_text("a b a")
    (project / ".envrc").write_text("b")
    (project / "bytes").write_bytes(b"\xffb")
    with pytest.raises(ToolFailed, match=why):
        await call(edit(root, texts), **{"path": "file", "new_string": "c", **arguments})
    assert (project / "file").read_text() == "a b a" and (project / ".envrc").read_text() == "b"


async def test_edits_of_one_file_at_the_same_time(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    (project / "file").write_text("".join(f"<{number}>\n" for number in range(20)))
    tool = edit(root, texts)

    async def one(number: int) -> None:
        await call(tool, path="file", old_string=f"<{number}>", new_string=f"[{number}]")

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(one, number)
    assert (project / "file").read_text() == "".join(f"[{number}]\n" for number in range(20))
