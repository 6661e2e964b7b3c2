"""What a node answers to one that asks for a file."""

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from localswarm.federation.weights.lending import BLOCK, MOST_LOANS, PATH, Lending
from localswarm.federation.weights.shelf import Shelf
from localswarm.state import State

DATA = random.Random(5).randbytes(5 * BLOCK + 77)
SHA256 = hashlib.sha256(DATA).hexdigest()
WHOLE = f"{PATH}/{SHA256}"
FAST = 10**12  # bytes per second

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path / "state") as state:
        yield state


@pytest.fixture
def file(state: State, tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(DATA)
    state.models.remember(path, len(DATA), path.stat().st_mtime_ns, "found", SHA256)
    return path


def remove(file: Path) -> None:
    file.unlink()


def write_over(file: Path) -> None:
    file.write_bytes(bytes(len(DATA)))
    os.utime(file, ns=(1, 1))


def client_of(lending: Lending) -> Client:
    app = web.Application()
    app.add_routes(lending.routes())
    return TestClient(TestServer(app))


@pytest.fixture
async def client(state: State, file: Path) -> AsyncIterator[Client]:
    async with client_of(Lending(Shelf(state.models), FAST, "den")) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "status", "said", "bytes"),
    [
        (None, 200, None, DATA),
        ("bytes=0-", 206, f"bytes 0-{len(DATA) - 1}/{len(DATA)}", DATA),
        ("bytes=10-19", 206, f"bytes 10-19/{len(DATA)}", DATA[10:20]),
        (f"bytes={BLOCK - 1}-{BLOCK}", 206, f"bytes {BLOCK - 1}-{BLOCK}/{len(DATA)}", DATA[BLOCK - 1 : BLOCK + 1]),
        ("bytes=-5", 206, f"bytes {len(DATA) - 5}-{len(DATA) - 1}/{len(DATA)}", DATA[-5:]),
        (f"bytes={len(DATA) - 1}-{10**30}", 206, f"bytes {len(DATA) - 1}-{len(DATA) - 1}/{len(DATA)}", DATA[-1:]),
        (f"bytes={len(DATA)}-", 416, f"bytes */{len(DATA)}", None),
        ("bytes=9-3", 416, f"bytes */{len(DATA)}", None),
        ("lines=1-2", 416, f"bytes */{len(DATA)}", None),
        ("bytes=1-2,5-6", 416, f"bytes */{len(DATA)}", None),
    ],
)  # fmt: skip
async def test_any_part_of_it(client: Client, asked: str | None, status: int, said: str | None, bytes: bytes) -> None:
    async with client.get(WHOLE, headers={"Range": asked} if asked else {}) as answer:
        assert (answer.status, answer.headers.get("Content-Range")) == (status, said)
        if bytes is not None:
            assert await answer.read() == bytes
            assert answer.headers["ETag"] == f'"{SHA256}"'


async def test_only_how_large_it_is(client: Client) -> None:
    async with client.head(WHOLE) as answer:
        assert (answer.status, answer.content_length, await answer.read()) == (200, len(DATA), b"")


@pytest.mark.parametrize("digest", ["0" * 64, "..%2f..%2fetc%2fpasswd", "%00", SHA256.upper(), "model.gguf"])
async def test_what_it_does_not_have(client: Client, digest: str) -> None:
    async with client.get(f"{PATH}/{digest}") as answer:
        assert answer.status == 404


async def test_what_it_has_of_what_is_asked_for(client: Client) -> None:
    async with client.get(PATH, params=[("digest", SHA256), ("digest", "0" * 64), ("digest", "../x")]) as answer:
        assert await answer.json() == {"name": "den", "free": MOST_LOANS, "held": {SHA256: len(DATA)}}
    async with client.get(PATH) as answer:
        assert (await answer.json())["held"] == {}, "nobody gets a list"


async def test_more_than_it_lends_at_once_are_turned_away(state: State, file: Path) -> None:
    async with client_of(Lending(Shelf(state.models), 4 * BLOCK)) as client:
        loans = [await client.get(WHOLE) for _ in range(MOST_LOANS)]
        async with client.get(WHOLE) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        async with client.get(PATH) as answer:
            assert (await answer.json())["free"] == 0
        for loan in loans:
            loan.close()
        await asyncio.sleep(0.5)  # a block at this rate, with which it notices
        async with client.get(PATH) as answer:
            assert (await answer.json())["free"] == MOST_LOANS


async def test_one_that_is_gone_before_it_is_lent(client: Client, file: Path) -> None:
    remove(file)
    async with client.get(WHOLE) as answer:
        assert answer.status == 404


async def test_one_that_is_written_to_while_it_is_lent_is_cut(state: State, file: Path) -> None:
    async with client_of(Lending(Shelf(state.models), 4 * BLOCK)) as client, client.get(WHOLE) as answer:
        assert await answer.content.readexactly(BLOCK) == DATA[:BLOCK]
        write_over(file)
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_one_that_is_deleted_while_it_is_lent_stays_whole(state: State, file: Path) -> None:
    async with client_of(Lending(Shelf(state.models), 20 * BLOCK)) as client, client.get(WHOLE) as answer:
        remove(file)
        assert await answer.read() == DATA


@pytest.mark.parametrize(("answering", "least"), [(False, 0.2), (True, 0.8)])
async def test_answers_come_first(state: State, file: Path, answering: bool, least: float) -> None:
    """Five blocks at twenty a second, or at a quarter of it."""
    lending = Lending(Shelf(state.models), 20 * BLOCK, answering=lambda: answering)
    loop = asyncio.get_running_loop()
    async with client_of(lending) as client:
        begin = loop.time()
        async with client.get(WHOLE) as answer:
            assert await answer.read() == DATA
        assert least * 0.7 <= loop.time() - begin
