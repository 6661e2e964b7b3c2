"""Paths that try to leave the project, by the kernel's own walk and by ours."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.tools.files import Root, RootUnusable
from localswarm.tools.files.openat2 import works
from localswarm.tools.files.opening import Opener, by_kernel, by_walking
from localswarm.tools.tool import ToolFailed

SECRET = "the secret"


@pytest.fixture(params=[by_kernel, by_walking])
def roads(request: pytest.FixtureRequest, project: Path) -> Iterator[Root]:
    opener: Opener = request.param
    if opener is by_kernel and not works():
        pytest.skip("this kernel has no openat2")
    root = Root(project, opener)
    yield root
    root.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "outside" / "secret"
    file.parent.mkdir()
    file.write_text(SECRET)
    return file


def content(root: Root, path: str) -> str:
    with root.file(path) as descriptor:
        return os.read(descriptor, 1000).decode()


@pytest.mark.parametrize(
    "path",
    ["../outside", "..", "a/../../outside", "/etc/passwd", "/proc/self/environ", "/proc/1/root/etc/passwd",
     "//etc/passwd",
     "a\0b", "a\nb", "\ud800", "x" * 5000, "~/.ssh/id_rsa", "/dev/zero", "file:///etc/passwd"],
)  # fmt: skip
def test_names_of_what_is_outside(roads: Root, path: str) -> None:
    with pytest.raises(ToolFailed):
        content(roads, path)


def test_what_is_inside_is_found_by_all_its_names(roads: Root, project: Path) -> None:
    (project / "a").mkdir()
    (project / "a" / "file").write_text("here")
    for path in ("a/file", "./a/file", "a/../a/file", str(project / "a" / "file"), "a//file"):
        assert content(roads, path) == "here"
    with roads.file("a/file") as descriptor:
        assert roads.real(descriptor) == "a/file"


def test_links_that_lead_outside(roads: Root, project: Path, secret: Path) -> None:
    (project / "deep").mkdir()
    links = {
        "absolute": str(secret), "relative": os.path.relpath(secret, project), "folder": str(secret.parent),
        "first": "second", "second": "third", "third": str(secret), "proc": "/proc/self/cwd", "fd": "/proc/self/fd",
        "circle": "circle", "deep/up": "../..", "environ": "/proc/self/environ",
    }  # fmt: skip
    for name, to in links.items():
        (project / name).symlink_to(to)
    for path in (*links, "folder/secret", "proc/secret", "deep/up/etc/passwd", "fd/0"):
        with pytest.raises(ToolFailed):
            content(roads, path)


def test_links_inside(project: Path) -> None:
    (project / "file").write_text("here")
    (project / "link").symlink_to("file")
    if works():
        assert content(Root(project, by_kernel), "link") == "here"
    with pytest.raises(ToolFailed, match="link"):
        content(Root(project, by_walking), "link")


def test_what_is_no_file(roads: Root, project: Path) -> None:
    os.mkfifo(project / "pipe")
    (project / "folder").mkdir()
    for path in ("pipe", "folder", "folder/none", "pipe/below"):
        with pytest.raises(ToolFailed):
            content(roads, path)
    if os.geteuid() == 0:
        os.mknod(project / "zero", 0o20666, os.makedev(1, 5))
        with pytest.raises(ToolFailed, match="device"):
            content(roads, "zero")


def test_folders_that_are_swapped_all_the_time(roads: Root, project: Path, secret: Path) -> None:
    (project / "real").mkdir()
    (project / "real" / "secret").write_text("mine")
    (project / "trap").symlink_to(secret.parent)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for one, other in (("real", "now"), ("now", "real"), ("trap", "now"), ("now", "trap")):
                os.rename(project / one, project / other)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen: set[str] = set()
    try:
        for _ in range(3000):
            try:
                seen.add(content(roads, "now/secret"))
            except ToolFailed:
                seen.add("refused")
    finally:
        stop.set()
        swapper.join()
    assert seen == {"mine", "refused"}


def test_where_a_path_leads(root: Root, project: Path) -> None:
    (project / ".git").mkdir()
    (project / "innocent").symlink_to(".git")
    assert root.resolved("innocent/hooks/pre-commit") == ".git/hooks/pre-commit"
    assert root.resolved("new/file") == "new/file"
    assert root.resolved(".") == "."


def test_a_root_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RootUnusable, match="--root DIR"):
        Root(tmp_path / "missing")
