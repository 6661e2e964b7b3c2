"""MCP servers of the user's: real ones in processes and over HTTP, good, gone, dumb, and talkative."""

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest
from localswarm.settings.tools import Mount

from .mounting import HERE, Mounting, mounting, script
from .raw_server import nested


async def test_the_tools_of_a_server_of_the_official_library(tmp_path: Path) -> None:
    async with mounting(script("sdk_server.py"), tmp_path) as mounted:
        await mounted.until("srv_add", "srv_dot")
        added = await mounted.call("srv_add", a=2, b=3)
        assert (added.state, added.content) == ("done", "5")
        wrong = await mounted.call("srv_add", a="two", b=3)
        assert wrong.state == "failed" and "validation error" in wrong.content
        (image,) = (await mounted.call("srv_dot")).images
        assert image.url == "data:image/png;base64,iVBORw0K"


async def test_nobody_is_asked_on_its_behalf(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path, yes=False) as mounted:
        await mounted.until("srv_echo")
        assert (await mounted.call("srv_echo", text="hi")).state == "denied"


async def test_it_dies_in_the_middle_of_a_call_and_comes_back(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_echo")
        died = await mounted.call("srv_die")
        assert died.state == "unknown" and died.content.startswith("The MCP server srv has ended.")
        await mounted.until("srv_echo")
        assert (await mounted.call("srv_echo", text="back")).content == "back"


async def test_what_it_gets_and_what_it_says_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALSWARM_API_KEY", "key-of-the-node")
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_secrets")
        seen = json.loads((await mounted.call("srv_secrets")).content)
    assert "PATH" in seen and not [name for name in seen if name.startswith("LOCALSWARM")]
    assert (tmp_path / "mcp-srv.log").read_text() == "raw server was started\n"


async def test_of_a_list_of_rubbish_what_is_good_is_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with mounting(script("raw_server.py", "rubbish"), tmp_path) as mounted:
        await mounted.until("srv_good_one")
        assert mounted.names() == {"srv_good_one"}
    assert "srv_deep is nested more than 32 levels" in caplog.text and "srv_far is not complete" in caplog.text


async def test_what_is_no_message_is_passed_over(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py", "noisy"), tmp_path) as mounted:
        await mounted.until("srv_echo")
        assert (await mounted.call("srv_echo", text="hi")).content == "hi"


async def test_one_that_never_answers_stops_nobody(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py", "silent"), tmp_path) as mounted:
        await anyio.sleep(1)
        assert mounted.names() == set()
    assert not children(), "it ends with us"


async def test_a_call_that_hangs_ends_with_the_node(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted, anyio.create_task_group() as group:
        await mounted.until("srv_hang")
        group.start_soon(mounted.call, "srv_hang")
        await anyio.sleep(0.5)
        begun = time.monotonic()
        group.cancel_scope.cancel()
    assert time.monotonic() - begun < 1.5 and not children()


async def test_an_answer_that_comes_too_late_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted, anyio.create_task_group() as group:
        await mounted.until("srv_slow")
        group.start_soon(mounted.call, "srv_slow")
        await anyio.sleep(0.5)
        mounted.cancel_last()
        # It works on one thing at a time, so this is answered after the other.
        assert (await mounted.call("srv_echo", text="next")).content == "next"
        await anyio.sleep(1.5)
        assert "srv_echo" in mounted.names() and not caplog.records


async def test_new_tools_of_it_are_seen(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_more")
        await mounted.call("srv_more")
        await mounted.until("srv_newcomer")


async def test_those_that_are_gone_or_others_are_not_offered_any_more(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_others")
        await mounted.call("srv_others")
        with anyio.fail_after(10):
            while mounted.names() != {"srv_echo"}:  # noqa: ASYNC110
                await anyio.sleep(0.02)
        (spec,) = mounted.host.specs()
        assert spec.schema["required"] == ["text"]
        gone = await mounted.call("srv_asked")
        assert gone.state == "failed" and "There are: srv_echo." in gone.content


async def test_however_often_it_says_so_it_is_asked_now_and_then(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_flood")
        await mounted.call("srv_flood")
        await anyio.sleep(3)
        assert 2 <= int((await mounted.call("srv_asked")).content) <= 5


async def test_over_http_new_tools_are_seen(tmp_path: Path) -> None:
    with over_http() as url:
        async with mounting(Mount("srv", url=url), tmp_path) as mounted:
            await mounted.until("srv_grow")
            assert (await mounted.call("srv_grow")).content == "grown"
            await mounted.until("srv_newcomer", seconds=10)


async def test_what_nobody_understands_is_not_written_anywhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_odd")
        await mounted.call("srv_odd")
        assert (await mounted.call("srv_echo", text="goes on")).content == "goes on"
    assert "nobody knows" not in caplog.text + "".join(capfd.readouterr())


async def test_a_key_goes_to_the_server_and_nowhere_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with over_http(words=("sk-secret",)) as url:
        async with mounting(Mount("srv", url=url), tmp_path, key="sk-secret") as mounted:
            await mounted.until("srv_add")
            assert (await mounted.call("srv_add", a=2, b=3)).content == "5"
            assert (await mounted.call("srv_tell")).content == "it is Bearer ***"
    assert "sk-secret" not in caplog.text
    assert not [file for file in tmp_path.glob("**/*.log*") if b"sk-secret" in file.read_bytes()]  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "Name the place of the key that it wants: --mcp NAME=URL,key_file="),
        ("sk-another", "is not the one that it"),
    ],
)
async def test_a_key_that_is_missing_or_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, key: str, words: str
) -> None:
    with over_http(words=("sk-secret",)) as url:
        async with mounting(Mount("srv", url=url), tmp_path, key=key) as mounted:
            with anyio.fail_after(20):
                while "key" not in caplog.text:  # noqa: ASYNC110
                    await anyio.sleep(0.05)
            assert mounted.names() == set()
    assert "srv answers with 401" in caplog.text and words in caplog.text
    assert "sk-" not in caplog.text


async def test_a_key_is_not_taken_along_to_where_it_is_sent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str | None] = []

    class There(Quiet):
        def do_POST(self) -> None:
            heard.append(self.headers["authorization"])
            self.answer(b"{}", "application/json")

    class Elsewhere(Quiet):
        def do_POST(self) -> None:
            self.send_response(307)
            self.send_header("location", f"http://127.0.0.1:{there}/mcp")
            self.end_headers()

    with over_std(There) as there, over_std(Elsewhere) as port:
        async with mounting(Mount("srv", url=f"http://127.0.0.1:{port}/mcp"), tmp_path, key="sk-secret"):
            await anyio.sleep(1)
    assert not heard and "Redirect to http://127.0.0.1" in caplog.text


async def test_over_http_what_is_nested_too_deeply_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The library reads it, and gives up at some depth."""

    class Deep(Quiet):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            tools = [{"name": "deep", "inputSchema": nested(200)}]
            said = {"tools": tools} if asked["method"] == "tools/list" else hello(asked)
            self.answer(json.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": said}).encode())

    with over_std(Deep) as port:
        async with mounting(Mount("srv", url=f"http://127.0.0.1:{port}/mcp"), tmp_path) as mounted:
            await anyio.sleep(1)
            assert mounted.names() == set()
    assert "says what cannot be understood: Invalid JSON: recursion limit exceeded" in caplog.text


async def test_a_refusal_is_told(tmp_path: Path) -> None:
    async with mounting(script("raw_server.py"), tmp_path) as mounted:
        await mounted.until("srv_refuse")
        said = await mounted.call("srv_refuse")
        assert (said.state, said.content) == ("failed", "The MCP server srv refused it: I would rather not.")


@pytest.mark.parametrize("server", ["raw_server.py", "http"])
async def test_what_nobody_reads_costs_no_memory(tmp_path: Path, server: str) -> None:
    if server == "http":
        with over_http() as url:
            async with mounting(Mount("srv", url=url), tmp_path) as mounted:
                await huge(mounted)
    else:
        async with mounting(script(server), tmp_path) as mounted:
            await huge(mounted)


async def huge(mounted: Mounting) -> None:
    await mounted.until("srv_huge")
    before = psutil.Process().memory_info().rss
    said = await mounted.call("srv_huge")
    assert said.state in ("unknown", "failed") and len(said.content) < 1000
    assert psutil.Process().memory_info().rss - before < 60 * 2**20
    await mounted.until("srv_huge")


async def test_a_program_that_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with mounting(Mount("srv", ("no-such-program",)), tmp_path):
        await anyio.sleep(0.5)
    assert [one.message for one in caplog.records if one.levelno == logging.WARNING] == [
        "The MCP server srv cannot be started: no-such-program: No such file or directory"
    ], "once, however often it is tried"


async def test_over_http_it_goes_and_comes_back(tmp_path: Path) -> None:
    with over_http() as url:
        async with mounting(Mount("srv", url=url), tmp_path) as mounted:
            await mounted.until("srv_add")
            assert (await mounted.call("srv_add", a=2, b=3)).content == "5"
            assert (await mounted.call("srv_die")).state == "unknown"
            await mounted.until()
            with over_http(int(url.split(":")[2].split("/")[0])):
                await mounted.until("srv_add")
                assert (await mounted.call("srv_add", a=2, b=4)).content == "6"


async def test_a_page_is_no_server(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Page(Quiet):
        def do_POST(self) -> None:
            self.answer(b"<html>", "text/html")

    with over_std(Page) as port:
        async with mounting(Mount("srv", url=f"http://127.0.0.1:{port}/mcp"), tmp_path) as mounted:
            await anyio.sleep(1)
            assert mounted.names() == set()
    assert "says what cannot be understood: Unexpected content type: text/html" in caplog.text


class Quiet(BaseHTTPRequestHandler):
    def answer(self, body: bytes, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Not on the test's stderr."""


def hello(asked: dict[str, Any]) -> dict[str, Any]:
    version = asked.get("params", {}).get("protocolVersion")
    return {
        "protocolVersion": version,
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "std", "version": "1"},
    }


@contextmanager
def over_std(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server of the standard library alone: its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if str(HERE) in " ".join(one.cmdline())]


@contextmanager
def over_http(port: int = 0, words: Sequence[str] = ()) -> Iterator[str]:
    port = port or free()
    server = subprocess.Popen([sys.executable, str(HERE / "sdk_server.py"), str(port), *words])
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.kill()
        server.wait()


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
