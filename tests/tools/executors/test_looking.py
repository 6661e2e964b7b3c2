"""`read`, `list`, `glob` and `grep` on a real folder."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from localswarm.tools.executors.glob import glob
from localswarm.tools.executors.grep import grep
from localswarm.tools.executors.listing import listing
from localswarm.tools.executors.read import ROOM, read
from localswarm.tools.files import Root
from localswarm.tools.sandbox import NoSandbox
from localswarm.tools.sandbox.landlock.walls import Landlock
from localswarm.tools.sandbox.namespaces import Namespaces
from localswarm.tools.sandbox.project import find
from localswarm.tools.searching import ripgrep
from localswarm.tools.searching.wanted import Found, Wanted
from localswarm.tools.texts import Texts
from localswarm.tools.tool import Tool, ToolFailed

from ..conftest import Calling

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def reading(root: Root, outputs: Root, texts: Texts) -> Tool:
    return read(root, outputs, texts)


@pytest.mark.parametrize(
    "wanted, given",
    [
        ({}, "one\ntwo\nthree\nfour\n"),
        ({"offset": 2, "limit": 2}, "[file: lines 2 to 3; more from offset 4]\ntwo\nthree\n"),
        ({"offset": 3}, "[file: lines 3 to 4]\nthree\nfour\n"),
        ({"limit": 4}, "one\ntwo\nthree\nfour\n"),
        ({"offset": 4, "limit": 1}, "[file: lines 4 to 4]\nfour\n"),
    ],
)
async def test_ranges(reading: Tool, project: Path, call: Calling, wanted: dict[str, Any], given: str) -> None:
    (project / "file").write_text("one\ntwo\nthree\nfour\n")
    assert (await call(reading, path="file", **wanted)).content == given
    assert call.asked == ["file"]


async def test_lines_behind_the_end(reading: Tool, project: Path, call: Calling) -> None:
    (project / "file").write_text("one\ntwo\n")
    with pytest.raises(ToolFailed, match="no line 3"):
        await call(reading, path="file", offset=3)
    (project / "nothing").touch()
    assert (await call(reading, path="nothing")).content == "nothing is empty."


async def test_a_long_file_comes_in_pieces(reading: Tool, project: Path, call: Calling) -> None:
    whole = [f"line {number} é" for number in range(1, 20001)]
    (project / "file").write_text("\n".join(whole))
    got: list[str] = []
    while len(got) < len(whole):
        said = (await call(reading, path="file", offset=len(got) + 1, limit=10**6)).content
        assert len(said.encode()) < ROOM + 200
        got += said.split("]\n", 1)[1].splitlines()
    assert got == whole


async def test_a_line_without_an_end(reading: Tool, project: Path, call: Calling) -> None:
    (project / "file").write_text("x" * 10**6)
    said = (await call(reading, path="file")).content
    assert "not to its end" in said and len(said) < ROOM + 200


async def test_a_sparse_file_costs_nothing(reading: Tool, project: Path, call: Calling) -> None:
    (project / "sparse").write_text("a line\n" * 1000)
    os.truncate(project / "sparse", 10 * 2**30)
    begun = time.monotonic()
    assert "a line" in (await call(reading, path="sparse", limit=3)).content
    with pytest.raises(ToolFailed, match="too far behind"):
        await call(reading, path="sparse", offset=10**9)
    os.truncate(project / "sparse", 0)
    os.truncate(project / "sparse", 10 * 2**30)
    assert "binary file of 10737418240 bytes" in (await call(reading, path="sparse")).content
    assert time.monotonic() - begun < 10


async def test_pictures_and_bytes(reading: Tool, project: Path, call: Calling) -> None:
    (project / "picture.png").write_bytes(PNG)
    done = await call(reading, path="picture.png")
    assert done.images[0].url.startswith("data:image/png;base64,iVBOR")
    (project / "huge.png").write_bytes(PNG + bytes(5 * 2**20))
    with pytest.raises(ToolFailed, match="the most that can be shown"):
        await call(reading, path="huge.png")
    (project / "bytes").write_bytes(bytes(range(256)))
    assert "binary file of 256 bytes" in (await call(reading, path="bytes")).content
    (project / "latin").write_bytes("ein schöner Tag, und sonst ist nichts zu sagen".encode("latin-1"))
    assert "sch�ner" in (await call(reading, path="latin")).content


async def test_outputs_are_read_and_nothing_else_there(
    reading: Tool, outputs: Root, project: Path, call: Calling, tmp_path: Path
) -> None:
    (outputs.folder / "a1.txt").write_text("kept")
    (tmp_path / "state").write_text("secret")
    assert (await call(reading, path="output:a1.txt")).content == "kept"
    for path in ("output:../state", "output:/etc/passwd", f"output:{tmp_path}/state", "output:"):
        with pytest.raises(ToolFailed):
            await call(reading, path=path)


async def test_what_the_policy_keeps_back_by_its_real_name(reading: Tool, project: Path) -> None:
    (project / "secret").write_text("secret")
    (project / "link").symlink_to("secret")
    with pytest.raises(ToolFailed, match="secret is forbidden"):
        await Calling(forbidden=("secret",))(reading, path="link")


async def test_a_folder_is_listed(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    (project / "sub").mkdir()
    (project / "file").write_text("12345")
    (project / "link").symlink_to("/etc")
    os.mkfifo(project / "pipe")
    Path(os.fsdecode(bytes(project) + b"/\xff")).touch()  # noqa: ASYNC240
    said = (await call(listing(root, texts))).content
    assert said.splitlines() == ["file (5 bytes)", "link (a link)", "pipe (no file)", "sub/", "? (0 bytes)"]
    with pytest.raises(ToolFailed):
        await call(listing(root, texts), path="link")
    for number in range(400):
        (project / "sub" / f"{number:03}").touch()
    assert (await call(listing(root, texts), path="sub")).content.endswith("299 (0 bytes)\n[and 100 more]")


def tree(project: Path) -> None:
    for path in ("a.py", "src/b.py", "src/deep/c.py", "src/d.txt", "node_modules/e.py", ".git/f.py"):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(f"# this is {path}\nneedle = 1\n")
    (project / "outside").symlink_to("/etc")


@pytest.mark.parametrize(
    "arguments, found",
    [
        ({"pattern": "*.py"}, ["a.py", "src/b.py", "src/deep/c.py"]),
        ({"pattern": "src/*"}, ["src/b.py", "src/d.txt"]),
        ({"pattern": "*.py", "path": "src"}, ["src/b.py", "src/deep/c.py"]),
        ({"pattern": "passwd"}, ["No file has such a name."]),
    ],
)
async def test_glob(
    root: Root, texts: Texts, project: Path, call: Calling, arguments: dict[str, str], found: list[str]
) -> None:
    tree(project)
    assert (await call(glob(root, texts), **arguments)).content.splitlines() == found


async def test_glob_names_nothing_that_is_not_permitted(root: Root, texts: Texts, project: Path) -> None:
    tree(project)
    call = Calling(forbidden=("src/b.py",))
    assert (await call(glob(root, texts), pattern="src/*")).content == "src/d.txt"


@pytest.fixture(params=["our own", "ripgrep in bubblewrap", "ripgrep behind Landlock"])
async def searching(request: pytest.FixtureRequest, root: Root, texts: Texts) -> Tool:
    if request.param == "our own":
        return grep(root, texts)
    try:
        project = await find(root, [Namespaces if "bubblewrap" in request.param else Landlock])
        if not ripgrep.is_there():
            raise NoSandbox("ripgrep is not installed")
    except NoSandbox as error:
        if "CI" in os.environ:
            raise
        pytest.skip(error.message)
    return grep(root, texts, project)


@pytest.mark.parametrize(
    "arguments, found",
    [
        ({"pattern": "need.e"}, ["a.py:2:needle = 1", "src/b.py:2:needle = 1", "src/d.txt:2:needle = 1",
                                 "src/deep/c.py:2:needle = 1"]),
        ({"pattern": "THIS", "ignore_case": True, "include": "*.txt"}, ["src/d.txt:1:# this is src/d.txt"]),
        ({"pattern": "this", "path": "src/b.py"}, ["src/b.py:1:# this is src/b.py"]),
        ({"pattern": "this", "path": "src", "include": "deep/*"}, ["src/deep/c.py:1:# this is src/deep/c.py"]),
        ({"pattern": "c.py$", "include": "src/**"}, ["src/deep/c.py:1:# this is src/deep/c.py"]),
        ({"pattern": "needle(?= = 1)", "include": "{a,x}.py"}, ["a.py:2:needle = 1"]),
        ({"pattern": r"(e)\1dle"}, ["a.py:2:needle = 1", "src/b.py:2:needle = 1", "src/d.txt:2:needle = 1",
                                    "src/deep/c.py:2:needle = 1"]),
        ({"pattern": "end$", "path": "odd"}, ["odd/crlf:1:the end", "odd/latin:1:sch�n, the end"]),
        ({"pattern": "zero"}, ["Nothing matches."]),
        ({"pattern": "far", "path": "odd"}, [f"odd/long:1:{'x' * 150}far{'y' * 147}"]),
        ({"pattern": "root:"}, ["Nothing matches."]),
        ({"pattern": "hidden"}, [".hidden/file:1:hidden"]),
    ],
)  # fmt: skip
async def test_grep(searching: Tool, project: Path, call: Calling, arguments: dict[str, Any], found: list[str]) -> None:
    tree(project)
    odd_files(project)
    assert sorted((await call(searching, **arguments)).content.splitlines()) == found


def odd_files(project: Path) -> None:
    for path, content in (
        ("odd/crlf", b"the end\r\n"), ("odd/latin", "sch\xf6n, the end\n".encode("latin-1")), 
        ("odd/bytes", b"zero\0\n"),
        ("odd/long", b"x" * 5000 + b"far" + b"y" * 5000), (".hidden/file", b"hidden\n"),
    ):  # fmt: skip
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_bytes(content)
    os.mkfifo(project / "odd/pipe")


async def test_grep_keeps_back_what_the_policy_does(searching: Tool, project: Path) -> None:
    tree(project)
    said = (await Calling(forbidden=("a.py",))(searching, pattern="needle")).content
    assert "a.py:" not in said and "src/b.py:" in said


async def test_grep_stops_where_it_is_enough(searching: Tool, project: Path, call: Calling) -> None:
    (project / "file").write_text("needle\n" * 500)
    said = (await call(searching, pattern="needle")).content.splitlines()
    assert len(said) == 101 and said[-1] == "[there is more; narrow it down]"


def test_what_ripgrep_says() -> None:
    path, lines = '"path":{"bytes":"Li//YQ=="}', '"lines":{"bytes":"/2ZhcgpuZXh0"}'
    line = f'{{"type":"match","data":{{{path},{lines},"line_number":3,"submatches":[{{"start":1,"end":4}}]}}}}'
    assert [one.as_line() for one in ripgrep.found(line.encode(), "sub/")] == [
        Found("sub/\ufffda", 3, "\ufffdfar").as_line()
    ]
    for other in (b"", b"rg: complaint", b"[]", b'{"type":"match","data":{}}', b'{"type":"begin","data":{}}'):
        assert not list(ripgrep.found(other, ""))


@pytest.mark.parametrize("text, files, does", [
    ("a.b", "**", True), (None, "**", False), ("[[:alpha:]]", "**", False), (r"\<a", "**", False), ("a", "!b", False),
    ("[a&&b]", "**", False), ("(?x)a b", "**", False),
])  # fmt: skip
def test_what_ripgrep_is_asked(text: str | None, files: str, does: bool) -> None:
    assert ripgrep.can(Wanted(".", files, text)) is does


@pytest.mark.parametrize("pattern", ["(", "*", "[z-a]", "a{99999999999}"])
async def test_expressions_that_are_none(searching: Tool, call: Calling, pattern: str) -> None:
    with pytest.raises(ToolFailed, match="cannot be looked for"):
        await call(searching, pattern=pattern)


async def test_an_expression_that_takes_for_ever(root: Root, texts: Texts, project: Path, call: Calling) -> None:
    (project / "file").write_text("a" * 60 + "b\n")
    begun = time.monotonic()
    said = (await call(grep(root, texts), pattern="(a+)+$")).content
    assert "took too long" in said and time.monotonic() - begun < 20
