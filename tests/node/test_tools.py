"""A node that is a tool host, as its users have it: started by the command line, asked over HTTP."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from localswarm.errors import SettingError, StartError
from localswarm.node.running import addresses
from localswarm.node.tools import tool_server
from localswarm.settings import Settings
from localswarm.tools.sandbox.namespaces import Namespaces

from ..cli.terminal import Terminal
from ..running import MAIN, RunningNode

# Programs of root run as whom the project belongs to.
SOMEBODY = 65534
needs_sandbox = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")


@contextlib.contextmanager
def a_project() -> Iterator[Path]:
    """Not in pytest's own folder: that is closed to the user that root's sandbox runs as."""
    folder = Path(tempfile.mkdtemp(prefix="project-")).resolve()
    if os.geteuid() == 0:
        os.chown(folder, SOMEBODY, SOMEBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    with a_project() as folder:
        yield folder


@pytest.fixture(scope="module")
def host(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    flags = ("--tool-server", "--root", str(project), "--yes-tools")
    with RunningNode(tmp_path_factory.mktemp("host"), *flags) as running:
        yield running


def execute(http: httpx.Client, id: str, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = http.post("/v1/tools/execute", json={"id": id, "tool": tool, "arguments": arguments})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


@needs_sandbox
def test_it_writes_reads_and_runs(host: RunningNode, project: Path) -> None:
    assert execute(host.http, "w", "write", path="notes/a.txt", content="hello\n")["ok"]
    assert (project / "notes/a.txt").read_text() == "hello\n"
    assert execute(host.http, "r", "read", path="notes/a.txt")["content"] == "hello\n"
    assert execute(host.http, "b", "bash", command="cat notes/a.txt; pwd")["content"] == f"hello\n{project}"
    failed = execute(host.http, "f", "bash", command="echo no; exit 3")
    assert (failed["ok"], failed["state"], failed["content"]) == (False, "failed", "no\n[exit code 3]")


@needs_sandbox
def test_the_same_id_runs_once(host: RunningNode, project: Path) -> None:
    command = "echo run >> once.txt; wc -l < once.txt"
    first, again = (execute(host.http, "once", "bash", command=command) for _ in range(2))
    assert first == again and first["content"] == "1" and (project / "once.txt").read_text() == "run\n"
    other = host.http.post("/v1/tools/execute", json={"id": "once", "tool": "bash", "arguments": {"command": "ls"}})
    assert other.status_code == 400 and "another call" in other.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "/proc/self/environ"])
def test_what_is_outside_stays_there(host: RunningNode, path: str) -> None:
    said = execute(host.http, f"outside {path}", "read", path=path)
    assert not said["ok"] and "outside the project" in said["content"]


def test_a_tool_that_was_never_offered(host: RunningNode) -> None:
    said = execute(host.http, "nix", "format_disk")
    assert not said["ok"] and "There is no tool 'format_disk' here" in said["content"]


def test_a_web_page_is_refused(host: RunningNode) -> None:
    body = {"id": "page", "tool": "list", "arguments": {}}
    for origin in ("https://evil.example", "http://localhost:3000", "null"):
        answer = host.http.post("/v1/tools/execute", json=body, headers={"origin": origin})
        assert answer.status_code == 403 and "pages" in answer.json()["error"]["message"]


def test_the_start_says_what_there_is(host: RunningNode, project: Path) -> None:
    assert f"tools work in {project}: read" in host.output and "nobody is asked before" in host.output
    assert f"--root {project} --yes-tools" in host.output, "the command that starts the same again"
    names = {one["name"] for one in host.http.get("/v1/tools").json()["data"]}
    assert {"read", "list", "grep", "webfetch"} <= names


@needs_sandbox
def test_without_a_terminal_what_has_to_be_asked_is_denied(tmp_path: Path) -> None:
    with a_project() as project, RunningNode(tmp_path, "--tool-server", "--root", str(project)) as node:
        assert "there is no terminal to ask you at" in node.output
        denied = execute(node.http, "1", "write", path="a.txt", content="x")
        assert denied["state"] == "denied" and "--yes-tools" in denied["content"]
        assert not (project / "a.txt").exists()
        assert execute(node.http, "2", "list")["ok"], "what need not be asked goes on"


@needs_sandbox
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_call_that_was_cut_off_is_not_run_again(tmp_path: Path, sign: signal.Signals) -> None:
    command = "echo run >> runs.txt; sleep 20"
    with a_project() as project:
        flags = ("--tool-server", "--root", str(project), "--yes-tools")
        with RunningNode(tmp_path, *flags) as node:
            later(partial(execute, node.http, "cut", "bash", command=command))
            wait_for(project / "runs.txt")
            seconds, _ = node.stop(sign)
            assert seconds < 5, "the call is not waited for"
        with RunningNode(tmp_path, *flags) as node:
            said = execute(node.http, "cut", "bash", command=command)
        assert said["state"] == "unknown" and "not repeated" in said["content"]
        assert (project / "runs.txt").read_text() == "run\n"


def wait_for(file: Path, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < end, f"{file} does not come"
        time.sleep(0.02)


@needs_sandbox
def test_at_a_terminal_the_user_is_asked(tmp_path: Path) -> None:
    words = ["--model", "smollm2:135m:q4_1", "--port", "0", "--context", "4096", "--no-federation"]
    with a_project() as project:
        words += ["--state-dir", str(tmp_path), "--tool-server", "--root", str(project)]
        with Terminal([sys.executable, str(MAIN), *words], columns=250) as terminal:
            assert "webfetch you are asked here" in terminal.until(r"address +http://\S+/v1")
            terminal.until("try it")
            with httpx.Client(base_url=addresses(tmp_path)[0], timeout=60) as http:
                for id, typed, state in (("1", "n\n", "denied"), ("2", "y\n", "done")):
                    terminal.type("y\n")  # no answer to a question that was not there yet
                    said = later(partial(execute, http, id, "bash", command=f"echo {id} > {id}.txt"))
                    assert f"command | echo {id} > {id}.txt" in terminal.until(r"\[y/N\] ")
                    terminal.type(typed)
                    assert said()["state"] == state
                later(partial(execute, http, "3", "bash", command="echo > 3.txt"))
                terminal.until(r"\[y/N\] ")
                terminal.type("\x03")
                assert terminal.ended() == 0, "nobody has to answer for the node to stop"
        assert [file.name for file in project.iterdir()] == ["2.txt"]


def later(ask: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Asks now, in a thread of its own; what came of it is there when it is called."""
    found: list[dict[str, Any]] = []

    def work() -> None:
        # Its node may be ended in the middle.
        with contextlib.suppress(httpx.HTTPError, RuntimeError):
            found.append(ask())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def result() -> dict[str, Any]:
        thread.join(30)
        return found[0]

    return result


def test_nothing_is_built_that_nobody_asked_for(tmp_path: Path) -> None:
    assert tool_server(Settings(state_dir=tmp_path)) is None


@pytest.mark.parametrize(
    ("root", "words"),
    [
        (Path.home(), "more than a project"),
        (Path("/"), "more than a project"),
        (Path("/etc"), "belongs to the system"),
        (Path("/nonexistent/x"), "Name a folder: --root DIR"),
    ],
)
def test_folders_that_are_no_project(root: Path, words: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=words):
        tool_server(Settings(state_dir=tmp_path, tool_server=True, root=root))


def test_an_open_swarm_has_no_tools(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no tools in an open swarm"):
        tool_server(Settings(tool_server=True, open=True, root=tmp_path, state_dir=tmp_path / "state"))


def test_the_state_folder_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with pytest.raises(StartError, match="keys of this node"):
        tool_server(Settings(state_dir=tmp_path / "state", tool_server=True, root=tmp_path))


def test_without_a_log_there_are_no_tools(tmp_path: Path, project: Path) -> None:
    (tmp_path / "tools.log").mkdir()
    with pytest.raises(SettingError, match=r"log of the tools .* cannot be read"):
        tool_server(Settings(state_dir=tmp_path, tool_server=True, root=project))


@needs_sandbox
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize(("owner", "told"), [(0, True), (1000, False)])
async def test_whose_folder_it_is_decides_what_programs_can_do(tmp_path: Path, owner: int, told: bool) -> None:
    with a_project() as folder:
        folder.chmod(0o755)
        os.chown(folder, owner, owner)
        settings = Settings(state_dir=tmp_path, tool_server=True, root=folder)
        made = await anyio.to_thread.run_sync(tool_server, settings)
    assert made and any("can only read in this folder" in note for note in made.notes) == told


async def test_without_a_sandbox_the_reason_is_told(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(state_dir=tmp_path, tool_server=True, root=project)
    made = await anyio.to_thread.run_sync(tool_server, settings, [Namespaces])
    assert made
    assert any("bubblewrap" in note and "bash, python, write and edit are off" in note for note in made.notes)
    assert not {"bash", "python", "write", "edit"} & {one.name for one in await made.specs()}
