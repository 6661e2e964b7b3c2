"""Pages that try to lead somewhere else, and bodies that try to fill the machine."""

import gzip
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import pytest
from aiohttp import web
from localswarm.tools.executors.webfetch import ROOM, webfetch
from localswarm.tools.texts import Texts
from localswarm.tools.tool import ToolFailed
from localswarm.tools.web.body import MOST
from localswarm.tools.web.fetching import Web

from ..conftest import Calling

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """A server of this machine, on the port that is given back."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def answering(**answer: object) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(**answer)  # type: ignore[arg-type]

    return handler


def anywhere(address: str) -> bool:
    return True


class Names:
    """Looks names up in lists of answers, one after the other; the last one stays."""

    def __init__(self, **names: Sequence[Sequence[str]]) -> None:
        self.names = {name.replace("_", "."): list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def test_a_page_is_fetched_and_readable(texts: Texts, call: Calling) -> None:
    async with serving(answering(text="<h1>Café</h1><script>x</script>", content_type="text/html")) as port:
        web_ = Web(anywhere, Names(page_example=[["127.0.0.1"]]))
        done = await call(webfetch(web_, texts), url=f"http://page.example:{port}/a?b=c")
    assert done.content == f"[http://page.example:{port}/a?b=c, status 200]\n# Café" and not done.failed


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/", "http://0x7f.1:{port}/",
     "http://127.1:{port}/", "http://0:{port}/", "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
     "http://0177.0.0.1:{port}/", "http://127.0.0.1.:{port}/", "http://[::]:{port}/", "http://169.254.169.254/latest/meta-data",
     "http://192.168.1.1/", "http://10.0.0.1:{port}/", "http://①②⑦.0.0.1:{port}/", "http://[fe80::1%25lo]:{port}/",
     "http://{own}:{port}/", "file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1:{port}/",
     "http:///x", "//x",
     "http://user:word@example.com/", "http://example.com:0/", "http://example.com:99999/", "http://exa mple/",
     "x" * 3000,
     "http://[::1/", "data:text/html,x", "http://\ud800/", "http://" + "a" * 300 + ".com/"],
)  # fmt: skip
async def test_what_is_not_fetched(texts: Texts, call: Calling, url: str) -> None:
    reached: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        reached.append(str(request.url))
        return web.Response(text="the secret")

    async with serving(handler) as port:
        with pytest.raises(ToolFailed):
            await call(webfetch(Web(), texts), url=url.format(port=port, own=socket.gethostname()))
    assert reached == []


async def test_redirects_are_looked_at_like_the_first_address(texts: Texts, call: Calling) -> None:
    """Only the first name may be connected to."""
    reached: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        reached.append(request.host)
        raise web.HTTPFound(f"http://inside.example:{request.url.port}/secret")

    names = Names(outside_example=[["127.0.0.1"]], inside_example=[["127.0.0.2"]])
    async with serving(handler) as port:
        with pytest.raises(ToolFailed, match="not on the public internet"):
            await call(webfetch(Web("127.0.0.1".__eq__, names), texts), url=f"http://outside.example:{port}/")
    assert reached == [f"outside.example:{port}"] and names.asked == ["outside.example", "inside.example"]


@pytest.mark.parametrize("to", ["file:///etc/passwd", "http://a:b@page.example/", "http://[", "/again"])
async def test_redirects_to_what_is_no_page(texts: Texts, call: Calling, to: str) -> None:
    count = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal count
        count += 1
        return web.Response(status=302, headers={"Location": to})

    async with serving(handler) as port:
        with pytest.raises(ToolFailed):
            await call(
                webfetch(Web(anywhere, Names(page_example=[["127.0.0.1"]])), texts), url=f"http://page.example:{port}/"
            )
    assert count <= 6


async def test_a_name_that_changes_is_looked_up_once(texts: Texts, call: Calling) -> None:
    names = Names(page_example=[["127.0.0.1"], ["127.0.0.2"]])
    async with serving(answering(text="here")) as port:
        done = await call(webfetch(Web("127.0.0.1".__eq__, names), texts), url=f"http://page.example:{port}/")
    assert "here" in done.content and names.asked == ["page.example"]


async def test_a_name_with_a_closed_address_among_others(texts: Texts, call: Calling) -> None:
    names = Names(page_example=[["1.1.1.1", "127.0.0.1"]])
    with pytest.raises(ToolFailed, match="not on the public internet"):
        await call(webfetch(Web(lookup=names), texts), url="http://page.example/")


async def test_no_proxy_of_the_environment(texts: Texts, call: Calling, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answering(text="direct")) as port:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        done = await call(
            webfetch(Web(anywhere, Names(page_example=[["127.0.0.1"]])), texts), url=f"http://page.example:{port}/"
        )
    assert "direct" in done.content


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await answer.prepare(request)
    while True:
        await answer.write(b"0123456789" * 5000)


async def slow(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b"x")
        await anyio.sleep(0.1)


async def test_a_body_without_an_end_is_cut(texts: Texts, call: Calling) -> None:
    async with serving(endless) as port:
        done = await call(
            webfetch(Web(anywhere, Names(page_example=[["127.0.0.1"]])), texts), url=f"http://page.example:{port}/"
        )
    assert done.content.endswith("[the rest of the page is left out]") and len(done.content) < ROOM + 200


async def test_a_body_that_comes_slowly_is_not_waited_for(texts: Texts, call: Calling) -> None:
    begun = time.monotonic()
    async with serving(slow) as port:
        web_ = Web(anywhere, Names(page_example=[["127.0.0.1"]]), seconds=0.5)
        with pytest.raises(ToolFailed, match=r"within 0\.5 seconds"):
            await call(webfetch(web_, texts), url=f"http://page.example:{port}/")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "nonsense"])
async def test_bombs(texts: Texts, call: Calling, packed: str) -> None:
    bomb = gzip.compress(b"0" * 200 * 2**20, 9)
    handler = answering(body=bomb, headers={"Content-Encoding": packed, "Content-Type": "text/plain"})
    async with serving(handler) as port:
        web_ = Web(anywhere, Names(page_example=[["127.0.0.1"]]))
        if packed in ("gzip", "deflate"):
            page = await web_.fetch(f"http://page.example:{port}/")
            assert len(page.content) == MOST
        else:
            with pytest.raises(ToolFailed, match="packed"):
                await web_.fetch(f"http://page.example:{port}/")


@pytest.mark.parametrize(
    "answer, said",
    [
        ({"body": b"\x89PNG\x00\x01", "content_type": "image/png"}, "[image/png, 6 bytes that are not shown]"),
        ({"text": '{"a": 1}', "content_type": "application/json"}, '{"a": 1}'),
        ({"body": "schön".encode("latin-1"), "headers": {"Content-Type": "text/plain; charset=latin-1"}}, "schön"),
        ({"body": b"x\x1b[2Jy", "headers": {"Content-Type": "text/plain; charset=no-such"}}, "xy"),
        ({"body": f"&#{'9' * 5000};".encode(), "headers": {"Content-Type": "text/html"}}, "\ufffd"),
        ({"body": b"", "content_type": "text/html"}, ""),
    ],
)
async def test_other_kinds(texts: Texts, call: Calling, answer: dict[str, object], said: str) -> None:
    async with serving(answering(**answer)) as port:
        web_ = Web(anywhere, Names(page_example=[["127.0.0.1"]]))
        done = await call(webfetch(web_, texts), url=f"http://page.example:{port}/")
    assert done.content.partition("\n")[2] == said


async def test_a_page_that_is_missing(texts: Texts, call: Calling) -> None:
    async with serving(answering(status=404, text="none")) as port:
        done = await call(
            webfetch(Web(anywhere, Names(page_example=[["127.0.0.1"]])), texts), url=f"http://page.example:{port}/"
        )
    assert done.failed and "status 404" in done.content


async def test_names_of_letters_that_take_for_ever(texts: Texts, call: Calling) -> None:
    answer = {"body": b"abc-" + b"d9" * 2**19, "headers": {"Content-Type": "text/plain; charset=punycode"}}
    async with serving(answering(**answer)) as port:
        begun = time.monotonic()
        done = await call(webfetch(Web(anywhere), texts), url=f"http://127.0.0.1:{port}/")
    assert "abc-d9d9" in done.content and time.monotonic() - begun < 10
