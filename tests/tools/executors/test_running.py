"""`bash` and `python` in the real sandbox, and programs that try to get out of it."""

import os
import resource
import socket
import subprocess
import time
import uuid
from pathlib import Path

import anyio
import psutil
import pytest
from localswarm.tools.executors.run import MANAGER, bash, python
from localswarm.tools.files import Root
from localswarm.tools.sandbox import NoSandbox
from localswarm.tools.sandbox.landlock.walls import Landlock
from localswarm.tools.sandbox.namespaces import Namespaces
from localswarm.tools.sandbox.project import Kind, Project, find
from localswarm.tools.texts import Texts
from localswarm.tools.tool import Tool, ToolFailed

from ..conftest import Calling

MIB = 2**20


@pytest.fixture(params=[Namespaces, Landlock], ids=["bubblewrap", "landlock"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
async def sandboxed(root: Root, kind: Kind) -> Project:
    try:
        return await find(root, [kind])
    except NoSandbox as error:
        if "CI" in os.environ:
            raise
        pytest.skip(error.message)


@pytest.fixture
def shell(sandboxed: Project, tmp_path: Path, texts: Texts) -> Tool:
    return bash(sandboxed, tmp_path, texts)


@pytest.fixture
def program(sandboxed: Project, tmp_path: Path, texts: Texts) -> Tool:
    return python(sandboxed, tmp_path, texts)


def given(project: Path, path: str, text: str = "") -> Path:
    """A file as its owner has it there."""
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if os.geteuid() == 0:
        for each in (file, *file.parents):
            if each.is_relative_to(project):
                os.chown(each, 65534, 65534)
    return file


async def test_a_command_works_in_the_project(shell: Tool, project: Path, call: Calling) -> None:
    given(project, "file", "here\n")
    done = await call(shell, command="cat file; pwd; echo new > made; echo wrong >&2; exit 3")
    assert done.content == f"here\n{project}\nwrong\n[exit code 3]" and done.failed
    assert (project / "made").read_text() == "new\n"
    assert (await call(shell, command="true")).content == "[no output]"


@pytest.mark.parametrize("seconds", [0, 1])
async def test_no_seconds_are_as_many_as_usual(shell: Tool, call: Calling, seconds: int) -> None:
    done = await call(shell, command="sleep 1.5", seconds=seconds)
    assert done.failed == bool(seconds)


@pytest.mark.parametrize(
    ("code", "told"),
    [("python3 -m unittest", True), ("$ pip install x y", True), ("cat = = 3", False), ("ls -l", False)],
)
async def test_whoever_gives_a_command_to_python_is_told_where_it_runs(
    program: Tool, call: Calling, code: str, told: bool
) -> None:
    done = await call(program, code=code)
    assert done.failed and done.content.endswith("[this is a shell command: call bash with it]") == told


async def test_a_program_in_python(program: Tool, project: Path, call: Calling) -> None:
    given(project, "module.py", "value = 42\n")
    done = await call(program, code="import module\nprint(module.value)")
    assert (done.content, done.failed) == ("42", False)
    assert "ZeroDivisionError" in (await call(program, code="1/0")).content


async def test_there_is_nothing_to_read(shell: Tool, call: Calling) -> None:
    assert (await call(shell, command="cat; read x; echo $?; test -t 0 || echo no")).content == "1\nno"


@pytest.mark.parametrize(
    "command",
    ["echo x > /etc/planted", "echo x >> ~/.bashrc && ls {home}/.bashrc", "cat {home}/.ssh/id_rsa", "ls {home}",
     "cat /etc/passwd", "cat {state}/secret", "ln -s {state}/secret l; cat l", "cat /proc/1/root{state}/secret",
     "mount -t tmpfs none /mnt", "echo 1 > /proc/sys/kernel/panic", "dd if=/dev/vda of=/dev/null count=1",
     "kill -9 {pid}",
     "cd ..; ls {state}", "mknod disk b 8 0 && cat disk", "unshare -Ur true", "chroot . true", "su -c id"],
)  # fmt: skip
async def test_what_is_outside(shell: Tool, project: Path, call: Calling, tmp_path: Path, command: str) -> None:
    (tmp_path / "secret").write_text("the secret")
    home = Path.home()
    said = await call(shell, command=command.format(home=home, state=tmp_path, pid=os.getpid()))
    assert said.failed and "the secret" not in said.content
    assert not Path("/etc/planted").exists()  # noqa: ASYNC240


async def test_our_environment_is_not_seen(shell: Tool, call: Calling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "do-not-tell")
    said = await call(shell, command="env; cat /proc/*/environ | tr '\\0' '\\n'")
    assert "HOME=/tmp" in said.content and "do-not-tell" not in said.content


async def test_there_is_no_network(program: Tool, call: Calling) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = [("127.0.0.1", server.getsockname()[1]), ("169.254.169.254", 80), ("192.168.1.1", 80), ("1.1.1.1", 53)]
        code = (
            "import socket\n"
            f"for place in {places}:\n"
            "    try: socket.create_connection(place, 2); print('reached')\n"
            "    except OSError: print('closed')\n"
            "try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('1.1.1.1', 53)); print('sent')\n"
            "except OSError: print('closed')\n"
        )
        assert (await call(program, code=code)).content.split() == ["closed"] * 5


GIT = {".git/config": "[core]\n\trepositoryformatversion = 0\n", ".git/hooks/pre-commit": "#!/bin/sh\n"}


@pytest.mark.parametrize(
    "command",
    ["echo x > .git/hooks/pre-commit", "echo x > .git/hooks/new", "echo x >> .git/config", "mv .git old", "rm -rf .git",
     "mv .git/hooks .git/old", "rm -rf .git/hooks; ln -s /tmp .git/hooks", "echo x > .envrc", "mv .vscode v",
     "git config core.hooksPath .", "ln -f file .git/config", "umount .git/hooks", "echo x > .git/commondir",
     "mkdir .claude; echo x > .claude/settings.json", "ln -s /tmp .idea", "git config --worktree core.pager x"],
)  # fmt: skip
async def test_what_is_obeyed_later_is_not_changed(shell: Tool, project: Path, call: Calling, command: str) -> None:
    for path, text in (GIT | {".envrc": "mine", ".vscode/tasks.json": "{}", "file": "planted"}).items():
        given(project, path, text)
    given(project, ".git/HEAD", "ref: refs/heads/main\n")
    await call(shell, command=command)
    assert (project / ".envrc").read_text() == "mine" and (project / ".vscode/tasks.json").read_text() == "{}"
    assert {path: (project / path).read_text() for path in GIT} == GIT
    for path in (".git/hooks/new", ".git/commondir", ".claude", ".idea", ".git/config.worktree"):
        assert not os.path.lexists(project / path), path  # noqa: ASYNC240


async def test_what_would_be_obeyed_is_renamed_and_told(shell: Tool, project: Path, call: Calling) -> None:
    said = await call(shell, command="git init -q . 2>/dev/null; echo x > .envrc; ln -s /tmp .idea")
    for name in (".envrc", ".git", ".idea"):
        assert f"{name} was renamed" in said.content
    left = {name.partition(".not-obeyed-")[0] for name in os.listdir(project) if ".not-obeyed-" in name}
    assert left == {".git", ".envrc", ".idea"}
    assert not any(os.path.lexists(project / name) for name in left)  # noqa: ASYNC240


async def test_a_link_that_is_obeyed(shell: Tool, project: Path, call: Calling, kind: Kind) -> None:
    given(project, "sub/file")
    (project / ".idea").symlink_to("sub")
    said = await call(shell, command="rm .idea; ln -s /tmp .idea")
    assert (".idea was renamed" in said.content) == (kind is Namespaces)
    assert not os.path.lexists(project / ".idea") or os.readlink(project / ".idea") == "sub"  # noqa: ASYNC240


async def test_git_itself_works(shell: Tool, project: Path, call: Calling, kind: Kind) -> None:
    """Behind Landlock nothing is written beside what must not be changed: git's own folder is only read."""
    given(project, "file", "text")
    user = project.stat().st_uid  # noqa: ASYNC240
    git = ["git", "-c", "user.name=a", "-c", "user.email=b"]
    for words in (["init", "-q", "."], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run(  # noqa: ASYNC221
            [*git, *words], cwd=project, check=True, user=user, env={"HOME": "/tmp", "PATH": os.environ["PATH"]}
        )
    look = "git log --format=%s && git status --short"
    assert (await call(shell, command=look)).content == "one"
    said = await call(shell, command=f"echo more >> file && {' '.join(git)} commit -qam two && {look}")
    assert said.content == "two\none" if kind is Namespaces else "index.lock" in said.content
    assert (project / "file").read_text() == "textmore\n"


async def test_links_to_secrets_are_not_mounted(shell: Tool, project: Path, call: Calling, tmp_path: Path) -> None:
    """What is bound would be shown: a link that a program left in its place must not be followed."""
    (tmp_path / "secret").write_text("the secret")
    for name in (".vscode", ".git", ".envrc"):
        (project / name).symlink_to(tmp_path)
    said = await call(shell, command="cat .vscode/secret .git/secret .envrc/secret; ls -R / 2>/dev/null | grep secret")
    assert "the secret" not in said.content


async def test_sockets_in_the_project_are_not_reached(program: Tool, project: Path, call: Calling) -> None:
    """Who listens there is outside of the sandbox: an editor, a terminal that others share."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        server.bind(str(project / "stream"))
        other.bind(str(project / "packets"))
        server.listen()
        for name in ("stream", "packets"):
            (project / name).chmod(0o777)
        code = (
            "import socket\n"
            "def tried(what):\n"
            "    try: what(); print('reached')\n"
            "    except OSError: print('closed')\n"
            "tried(lambda: socket.socket(socket.AF_UNIX).connect('stream'))\n"
            "tried(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', 'packets'))\n"
            "tried(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', 'packets'))\n"
            "tried(lambda: socket.socketpair()[0].connect('stream'))\n"
            "tried(lambda: socket.socket(40, socket.SOCK_STREAM))\n"
        )
        assert (await call(program, code=code)).content.split() == ["closed"] * 5


async def test_the_disk_of_the_user_is_not_filled(
    root: Root, kind: Kind, sandboxed: Project, project: Path, tmp_path: Path, texts: Texts, call: Calling
) -> None:
    disk = os.statvfs(project)
    room = disk.f_bavail * disk.f_frsize
    careful = bash(Project(root, kind(root), least_room=room - 64 * MIB), tmp_path, texts)
    begun = time.monotonic()
    done = await call(careful, command="for at in $(seq 20); do head -c 64M /dev/zero > file$at; sleep 0.3; done")
    assert "the disk of this host is nearly full" in done.content and done.failed
    assert time.monotonic() - begun < 15
    assert sum(file.stat().st_size for file in project.iterdir()) < 1024 * MIB  # noqa: ASYNC240


async def test_a_spawn_storm_ends(shell: Tool, call: Calling) -> None:
    before = len(psutil.pids())
    said = await call(shell, command="b() { b | b & }; b; sleep 1; b; sleep 60", seconds=4)
    assert "stopped after 4 seconds" in said.content
    assert len(psutil.pids()) < before + 50


async def test_four_gigabytes_are_not_given(program: Tool, call: Calling) -> None:
    assert "MemoryError" in (await call(program, code="bytearray(4 * 2**30)")).content


async def test_the_kernel_ends_it_before_others(shell: Tool, call: Calling) -> None:
    mark = f"{uuid.uuid4().int % 10**6 + 10**6}"
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: call(shell, command=f"sleep {mark}"))
        await anyio.to_thread.run_sync(_until_it_goes_first, mark)
        group.cancel_scope.cancel()


async def test_a_large_file_is_not_made(shell: Tool, project: Path, call: Calling) -> None:
    said = await call(shell, command="truncate -s 10G big; fallocate -l 10G other")
    assert said.failed
    assert sum(file.stat().st_size for file in project.iterdir()) <= 1024 * MIB  # noqa: ASYNC240


async def test_a_pipe_ends_whoever_writes_into_it(shell: Tool, call: Calling) -> None:
    assert (await call(shell, command="yes | head -1; echo ${PIPESTATUS[0]}")).content == "y\n141"


async def test_a_pipe_and_a_device(shell: Tool, call: Calling) -> None:
    said = await call(
        shell, command="mkfifo pipe && timeout 1 cat pipe; echo $?; mknod device c 1 3; head -c 1 /dev/mem"
    )
    assert said.content.startswith("124\n") and said.failed


async def test_a_full_folder(shell: Tool, call: Calling) -> None:
    said = await call(shell, command="head -c 300M /dev/zero > ~/big && sleep 20")
    assert "No space left" in said.content and said.failed
    assert "big" not in (await call(shell, command="ls ~")).content


async def test_its_folder_is_taken_away(shell: Tool, call: Calling) -> None:
    close = "python3 -c 'import os; os.fchmod(os.open(\"a\", 0), 0)'"
    said = await call(shell, command=f"cd; mkdir -p a/b/c && echo x > a/b/c/d && {close}; pwd")
    assert not Path(said.content).exists() or said.content == "/tmp"  # noqa: ASYNC240


async def test_a_hundred_megabytes_of_output_cost_no_memory(shell: Tool, call: Calling, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = (await call(shell, command="echo first; yes 0123456789 | head -c 100M; echo; echo last")).content
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024  # kB
    assert said.startswith("first\n") and said.endswith("last") and len(said) < 13_000
    (file,) = tmp_path.glob("*.txt")  # noqa: ASYNC240
    assert f"path output:{file.name}" in said and 60 * MIB < file.stat().st_size <= 64 * MIB


async def test_output_without_an_end(shell: Tool, call: Calling, tmp_path: Path) -> None:
    begun = time.monotonic()
    said = (await call(shell, command="yes")).content
    assert said.endswith("[stopped: it said too much]") and time.monotonic() - begun < 30


async def test_no_pipe_is_left_open(shell: Tool, call: Calling) -> None:
    before = psutil.Process().num_fds()
    for command in ("cat /dev/zero", "yes", "true", "sleep 60"):
        await call(shell, command=command, seconds=1)
    assert psutil.Process().num_fds() <= before + 1


async def test_output_that_is_no_text(shell: Tool, call: Calling) -> None:
    assert "bytes that are no text" in (await call(shell, command="head -c 3000 /dev/zero")).content
    said = await call(shell, command=r"printf '\033[31mred\033[0m \033]0;title\007\nold\rnew\n\b\a%%5\xff'")
    assert said.content == "red \nnew\n%5�"


@pytest.mark.parametrize(
    "command",
    ["trap '' TERM INT HUP; sleep {mark} & sleep {mark}", "setsid -f sleep {mark}; sleep 60",
     "(setsid sleep {mark} > /dev/null 2>&1 < /dev/null &) ; exec >&- 2>&-; sleep 60", "setsid -f sleep {mark}; exit 0",
     "(sleep {mark} &) ; exit 0"],
)  # fmt: skip
async def test_nothing_lives_on(shell: Tool, call: Calling, command: str) -> None:
    mark = f"{uuid.uuid4().int % 10**6 + 10**6}"
    begun = time.monotonic()
    await call(shell, command=command.format(mark=mark), seconds=1)
    assert not _running(mark) and time.monotonic() - begun < 10


async def test_a_call_that_is_cancelled_ends_at_once(shell: Tool, call: Calling) -> None:
    mark = f"{uuid.uuid4().int % 10**6 + 10**6}"
    with anyio.move_on_after(0.7):
        await call(shell, command=f"trap '' TERM; setsid -f sleep {mark}; sleep {mark}")
    assert not _running(mark)


async def test_twenty_at_once(shell: Tool, call: Calling) -> None:
    said: set[str] = set()

    async def one(number: int) -> None:
        said.add((await call(shell, command=f"echo {number}")).content)

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(one, number)
    assert said == {str(number) for number in range(20)}


@pytest.mark.parametrize("code", ["print(1)\0", "\0"])
async def test_zero_bytes(program: Tool, call: Calling, code: str) -> None:
    with pytest.raises(ToolFailed, match="zero byte"):
        await call(program, code=code)


@pytest.mark.parametrize(
    "command, does",
    [("pip install x", True), ("cd a && npm ci", True), ("CI=1 yarn", True), ("python3 -m pip list", True),
     ("echo pip", False), ("pipx", False), ("sleep 100", False), ("cat npm", False), ("a; cargo build", True)],
)  # fmt: skip
def test_package_managers_have_more_time(command: str, does: bool) -> None:
    assert bool(MANAGER.search(command)) is does


async def test_where_there_is_none_it_is_said(root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandbox, match="not installed"):
        await find(root, [Namespaces])
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho no permission to create a namespace >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    _open_to_all(tmp_path)
    with pytest.raises(NoSandbox, match="no permission to create a namespace"):
        await find(root, [Namespaces])


def _open_to_all(folder: Path) -> None:
    """The sandbox of root runs as another user."""
    for one in (folder, *folder.parents[:3]):
        if one.stat().st_uid == os.getuid() and one != Path("/tmp"):
            one.chmod(one.stat().st_mode | 0o055)


def _until_it_goes_first(mark: str) -> None:
    end = time.monotonic() + 10
    while "1000" not in {Path(f"/proc/{pid}/oom_score_adj").read_text().strip() for pid in _marked(mark)}:
        assert time.monotonic() < end
        time.sleep(0.05)


def _running(mark: str) -> bool:
    return bool(_marked(mark))


def _marked(mark: str) -> list[int]:
    return [one.pid for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ())]
