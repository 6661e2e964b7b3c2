"""What Landlock alone would let through, and what is refused so that its walls hold."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest
from localswarm.tools.files import Root
from localswarm.tools.sandbox import NoSandbox
from localswarm.tools.sandbox.landlock import rights
from localswarm.tools.sandbox.landlock.calls import NEVER, SIGNALS, filter_of, refused
from localswarm.tools.sandbox.landlock.plan import project_grants, size
from localswarm.tools.sandbox.landlock.walls import Landlock
from localswarm.tools.sandbox.project import find

Run = Callable[[str], Coroutine[Any, Any, list[str]]]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")


@pytest.fixture
async def run(root: Root) -> Run:
    try:
        project = await find(root, [Landlock])
    except NoSandbox as error:
        if "CI" in os.environ:
            raise
        pytest.skip(error.message)

    async def in_python(code: str) -> list[str]:
        said = bytearray()

        def take(chunk: bytes) -> bool:
            said.extend(chunk)
            return True

        await project.run(["python3", "-c", code], 20, take)
        return said.decode().split("\n")[:-1]

    return in_python


REFUSED = """
import ctypes, os, resource, socket
C = ctypes.CDLL(None, use_errno=True)

def call(*given):
    C.syscall(*given)
    return ctypes.get_errno()

def tried(work):
    try:
        work()
    except OSError as error:
        return type(error).__name__
    return "done"

def reached(place):
    pair, _ = socket.socketpair()
    return tried(lambda: pair.connect(place)), tried(lambda: socket.socket(socket.AF_UNIX).connect(place))
"""


@pytest.mark.parametrize(
    "work, said",
    [
        ("socket.socket(socket.AF_UNIX)", "PermissionError"),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "PermissionError"),
        ("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "PermissionError"),
        ("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)", "PermissionError"),
        ("socket.socketpair()", "done"),
        ("os.kill({node}, 0)", "PermissionError"),
        ("os.kill(os.getpid(), 0)", "done"),
        ("resource.prlimit({node}, resource.RLIMIT_NOFILE)", "PermissionError"),
        ("resource.getrlimit(resource.RLIMIT_NOFILE)", "done"),
        ("os.chmod({outside!r}, 0o600)", "PermissionError"),
        ("os.utime({outside!r})", "PermissionError"),
        ("os.setxattr({outside!r}, 'user.a', b'x')", "PermissionError"),
        ("os.truncate({outside!r}, 0)", "PermissionError"),
        ("open({outside!r})", "PermissionError"),
        ("os.listdir(os.path.dirname({outside!r}))", "PermissionError"),
        ("os.link({outside!r}, 'link')", "OSError"),
        ("os.rename('made', {outside!r})", "PermissionError"),
        ("open('/proc/self/environ')", "PermissionError"),
        ("open('/proc/{node}/environ')", "PermissionError"),
        ("open('/dev/shm/x', 'w')", "PermissionError"),
        ("open('/dev/tty')", "PermissionError"),
        ("os.sched_setaffinity({node}, [0])", "PermissionError"),
        ("os.setpriority(os.PRIO_PROCESS, {node}, 5)", "PermissionError"),
    ],
)  # fmt: skip
async def test_what_is_refused(run: Run, project: Path, tmp_path: Path, work: str, said: str) -> None:
    # Not closed to the program by its modes alone.
    outside = project.parent / f"{project.name}-outside" / "file"
    outside.parent.mkdir(mode=0o777)
    outside.write_text("the secret")
    if os.geteuid() == 0:
        os.chown(outside, 65534, 65534)
        os.chown(outside.parent, 65534, 65534)
    try:
        code = work.format(node=os.getpid(), outside=str(outside))
        assert await run(f"{REFUSED}open('made', 'w')\nprint(tried(lambda: {code}))") == [said]
        assert outside.read_text() == "the secret"
    finally:
        outside.unlink()
        outside.parent.rmdir()


@pytest.mark.parametrize("number", [425, 438, 452, 463, 469, 471, 500])
async def test_newer_calls_are_not_there(run: Run, number: int) -> None:
    """Among them io_uring, which goes around every filter, and those that libraries have no name for yet."""
    assert await run(f"{REFUSED}print(os.strerror(call({number}, -1, 0, 0, 0, 0)))") == ["Function not implemented"]


async def test_sockets_of_others_are_not_reached(run: Run, project: Path) -> None:
    """A desktop's bus or a container daemon at such a socket starts programs outside."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as hidden:
        server.bind(str(project / "bus"))
        server.listen()
        hidden.bind(f"\0{project.name}")
        hidden.listen()
        (project / "bus").chmod(0o777)
        code = f"for place in ('bus', '\\0{project.name}'): print(*reached(place))"
        assert await run(REFUSED + code) == ["PermissionError PermissionError"] * 2


async def test_no_user_namespace_and_no_rights(run: Run) -> None:
    # unshare, and clone: the numbers of both kinds of machine.
    unshare, clone = (272, 56) if os.uname().machine == "x86_64" else (97, 220)
    code = f"print(call({unshare}, 0x10000000), call({clone}, 0x10000011, 0, 0, 0, 0))"
    assert await run(REFUSED + code) == ["1 1"]
    status = "import ctypes; C = ctypes.CDLL(None); print(C.prctl(39, 0, 0, 0, 0), C.prctl(21, 0, 0, 0, 0))"
    assert await run(status) == ["1 2"], "no new privileges, and a filter"


async def test_nothing_of_ours_is_open_in_it(run: Run) -> None:
    assert await run("import os\nprint([at for at in range(3, 100) if not os.system(f'test -e /dev/fd/{at}')])") == [
        "[]"
    ]


async def test_the_folder_of_its_own_is_its_own(run: Run) -> None:
    (own,) = await run("import os; open(os.path.expanduser('~/x'), 'w'); print(os.environ['TMPDIR'])")
    assert own.startswith("/tmp/localswarm-") and not Path(own).exists()  # noqa: ASYNC240


async def test_no_process_is_left_around_it(run: Run) -> None:
    storm = "for _ in range(5): os.fork()\nif os.getpid() != os.getpgid(0): os.setsid()\n"
    await run(f"import os\n{storm}if os.fork() == 0: os.execlp('sleep', 'sleep', '60')")
    assert not [child for child in psutil.Process().children(recursive=True) if "confined" in " ".join(child.cmdline())]


NODE = """
import anyio, pathlib, sys
from localswarm.tools.files import Root
from localswarm.tools.sandbox.landlock.walls import Landlock
from localswarm.tools.sandbox.project import Project
root = Root(pathlib.Path(sys.argv[1]))
anyio.run(Project(root, Landlock(root)).run, ["bash", "-c", sys.argv[2]], 60, lambda chunk: True)
"""


async def test_a_node_that_is_killed_leaves_nothing(run: Run, project: Path) -> None:
    mark = f"{uuid.uuid4().int % 10**6 + 10**6}"
    command = f"trap '' TERM HUP; touch begun; setsid -f sleep {mark}; sleep {mark}"
    node = subprocess.Popen([sys.executable, "-c", NODE, str(project), command])  # noqa: ASYNC220
    with anyio.fail_after(20):
        await anyio.to_thread.run_sync(_wait, lambda: (project / "begun").exists())
        node.kill()
        node.wait()
        await anyio.to_thread.run_sync(_wait, lambda: not _running(mark))


def test_beside_what_must_not_be_changed_nothing_is_made(root: Root, project: Path) -> None:
    for name in ("src", ".git/hooks"):
        (project / name).mkdir(parents=True)
    (project / "file").touch()
    (project / "link").symlink_to("/etc")
    with project_grants(root) as (folder, grants):
        places = {_path(at).removeprefix(str(project)): access for at, access in grants}
        assert _path(folder) == str(project)
    assert places == {"": rights.READ, "/src": rights.READ | rights.CHANGE, "/file": rights.READ | rights.CHANGE}


def test_where_there_is_nothing_of_that_kind_all_is_granted(root: Root, project: Path) -> None:
    (project / "src").mkdir()
    with project_grants(root) as (folder, grants):
        assert grants == [(folder, rights.READ | rights.CHANGE)]


@pytest.mark.parametrize("abi, handled, bytes", [
    (3, (2**15 - 1, 0, 0), 8), (4, (2**15 - 1, 3, 0), 16), (5, (2**16 - 1, 3, 0), 16), (7, (2**16 - 1, 3, 3), 24),
    (99, (2**16 - 1, 3, 3), 24),
])  # fmt: skip
def test_what_each_kernel_is_told(abi: int, handled: tuple[int, int, int], bytes: int) -> None:
    assert (rights.handled(abi), size(abi)) == (handled, bytes)


def test_signals_are_refused_where_the_kernel_does_not_keep_them_in() -> None:
    with_scopes, without = ({one.call for one in refused(scoped)} for scoped in (True, False))
    assert set(NEVER) < with_scopes and without - with_scopes == {*SIGNALS, 424}


@LINUX
def test_a_filter_is_made() -> None:
    assert 0 < len(filter_of(True)) < len(filter_of(False)) and len(filter_of(True)) % 8 == 0


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _running(mark: str) -> bool:
    return any(mark in (one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))


def _path(descriptor: int) -> str:
    return os.readlink(f"/proc/self/fd/{descriptor}")
