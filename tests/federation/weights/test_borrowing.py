"""A file of another node, from one that lends honestly and from what only looks like one."""

import asyncio
import hashlib
import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from localswarm.federation.channel import client_context, peer_id, server_context
from localswarm.federation.nodes import Endpoint
from localswarm.federation.race import Trust
from localswarm.federation.weights.borrowing import LONGEST_NAME, Borrowed, Holder, ask
from localswarm.federation.weights.caller import Caller
from localswarm.federation.weights.lending import Lending
from localswarm.federation.weights.shelf import Shelf
from localswarm.state import State

from ..offered import Offered, at, serving
from .members import member, swarm
from .serving import lending, pretending

DATA = random.Random(6).randbytes(700_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
PLAIN = Caller(None)


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lending]:
    path = tmp_path / "model.gguf"
    path.write_bytes(DATA)
    with State(tmp_path / "state") as state:
        state.models.remember(path, len(DATA), path.stat().st_mtime_ns, "found", SHA256)
        yield Lending(Shelf(state.models), 10**12, "den\x1b[31m")


def borrowed(endpoint: Endpoint, caller: Caller = PLAIN, id: str = "") -> Borrowed:
    node = Holder(id or str(endpoint), "den", endpoint, {SHA256: len(DATA)}, True)
    return Borrowed(caller, node, SHA256, len(DATA), lambda id: None)


def taken(copy: Borrowed, begin: int = 0, end: int = len(DATA)) -> bytes:
    return b"".join(copy.read(begin, end))


def test_what_it_has_and_who_it_is(lender: Lending) -> None:
    with lending(lender) as endpoint:
        holder = ask(PLAIN, endpoint, [SHA256, "0" * 64])
    assert holder == Holder(str(endpoint), "den[31m", endpoint, {SHA256: len(DATA)}, True)
    assert str(holder) == "den[31m (127.0.0.1)"


@pytest.mark.parametrize(("begin", "end"), [(0, len(DATA)), (1, 2), (650_000, len(DATA)), (5, 5)])
def test_its_bytes(lender: Lending, begin: int, end: int) -> None:
    with lending(lender) as endpoint:
        assert taken(borrowed(endpoint), begin, end) == DATA[begin:end]


def test_over_the_channel_of_a_swarm(lender: Lending) -> None:
    ours = swarm(1)
    here, there = member(ours), member(ours)
    with lending(lender, server_context(there)) as endpoint:
        caller = Caller(client_context(here))
        holder = ask(caller, endpoint, [SHA256])
        assert holder and holder.id == there.id
        assert taken(borrowed(endpoint, caller, there.id)) == DATA
        assert taken(borrowed(endpoint, caller, here.id)) == b"", "another node answers there now"


async def test_behind_the_gate_of_the_swarm_port(lender: Lending) -> None:
    """As a node really lends, and to nobody who was told to go."""
    ours = swarm(1)
    here, there = member(ours), member(ours)
    caller = Caller(client_context(here))
    offered = Offered({})
    async with serving(Trust(server_context(there), peer_id), offered, extra=lender.routes()) as server:
        assert await asyncio.to_thread(ask, caller, at(server), [SHA256])
        copy = borrowed(at(server), caller, there.id)
        assert await asyncio.to_thread(taken, copy, 9) == DATA[9:]
        assert await asyncio.to_thread(ask, Caller(client_context(member(swarm(2)))), at(server), [SHA256]) is None
        offered.forgotten.add(here.id)
        assert await asyncio.to_thread(ask, caller, at(server), [SHA256]) is None
        assert await asyncio.to_thread(taken, copy) == b""


@pytest.mark.parametrize("kind", ["another swarm", "a member's id and another key", "no TLS"])
def test_strangers_get_nothing_and_give_nothing(lender: Lending, kind: str) -> None:
    ours = swarm(1)
    here = member(ours)
    there = {"another swarm": member(swarm(2)), "a member's id and another key": member(ours, id=here.id)}.get(kind)
    with lending(lender, server_context(there) if there else None) as endpoint:
        caller = Caller(client_context(here))
        assert ask(caller, endpoint, [SHA256]) is None
        assert taken(borrowed(endpoint, caller, here.id)) == b""


def says(*parts: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(b"".join(parts))


def head(status: str = "206 Partial Content", **headers: object) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


SPAN = f"bytes 0-{len(DATA) - 1}/{len(DATA)}"
BAD: dict[str, tuple[bytes, bytes]] = {
    "silence": (b"", b""),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", b""),
    "a fault": (head("500 Oops", Content_Length=2) + b"{}", b""),
    "elsewhere": (head("302 Found", Location="http://127.0.0.1:9/", Content_Length=0), b""),
    "all of it, unasked": (head("200 OK", Content_Length=len(DATA)) + DATA, b""),
    "another part": (head(Content_Range=f"bytes 5-9/{len(DATA)}", Content_Length=5) + b"12345", b""),
    "of another file": (head(Content_Range=f"bytes 0-{len(DATA) - 1}/999999999", Content_Length=5) + b"12345", b""),
    "no length": (head(Content_Range=SPAN) + DATA[:1000], DATA[:1000]),
    "cut": (head(Content_Range=SPAN, Content_Length=len(DATA)) + DATA[:1000], DATA[:1000]),
    "too much": (head(Content_Range=SPAN, Content_Length=9 * len(DATA)) + 2 * DATA, DATA),
    "bad chunks": (head(Content_Range=SPAN, Transfer_Encoding="chunked") + b"zz\r\nxx", b""),
    "endless headers": (b"HTTP/1.1 206 OK\r\n" + b"x: y\r\n" * 100_000, b""),
}


@pytest.mark.parametrize("kind", BAD)
def test_whatever_goes_wrong_ends_early(kind: str) -> None:
    said, brought = BAD[kind]
    with pretending(says(said)) as endpoint:
        assert taken(borrowed(endpoint)) == brought


def told(body: object, **headers: object) -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return head("200 OK", Content_Length=len(text), **headers) + text


@pytest.mark.parametrize(
    "said",
    [
        b"",
        told(b"nothing that is JSON"),
        told(b"[" * 50_000),
        told(b'{"held": {"a": ' + b"9" * 50_000 + b"}}"),
        told([]),
        told({"held": {"a" * 70_000: 1}}),
        head("404 Not Found", Content_Length=2) + b"{}",
        head("200 OK", Content_Length=10**9) + b"[",
    ],
)
def test_who_says_nonsense_has_nothing(said: bytes) -> None:
    with pretending(says(said)) as endpoint:
        assert ask(PLAIN, endpoint, [SHA256]) is None


@pytest.mark.parametrize("body", [{}, {"held": [1]}, {"held": {SHA256: "1"}, "name": 5, "free": "many"}])
def test_what_is_left_of_a_strange_answer(body: object) -> None:
    with pretending(says(told(body))) as endpoint:
        assert ask(PLAIN, endpoint, [SHA256]) == Holder(str(endpoint), "", endpoint, {}, False)


def test_a_name_that_is_too_long() -> None:
    with pretending(says(told({"name": "x" * 1000}))) as endpoint:
        holder = ask(PLAIN, endpoint, [SHA256])
    assert holder and len(holder.name) == LONGEST_NAME


def test_nobody_there() -> None:
    assert ask(PLAIN, Endpoint("127.0.0.1", 9), [SHA256]) is None
    assert taken(borrowed(Endpoint("no address", 9))) == b""


def test_headers_that_drip() -> None:
    hasty = Caller(None, short=0.3)

    def drip(connection: socket.socket) -> None:
        for mark in head(Content_Range=SPAN, Content_Length=len(DATA)):
            connection.sendall(bytes([mark]))
            time.sleep(0.05)

    begin = time.monotonic()
    with pretending(drip) as endpoint:
        assert taken(borrowed(endpoint, hasty)) == b""
        assert ask(hasty, endpoint, [SHA256]) is None
        assert time.monotonic() - begin < 2


def test_one_that_falls_silent() -> None:
    def stall(connection: socket.socket) -> None:
        connection.sendall(head(Content_Range=SPAN, Content_Length=len(DATA)) + DATA[:1000])
        connection.recv(1)  # until the other side has had enough

    with pretending(stall) as endpoint:
        assert taken(borrowed(endpoint, Caller(None, silence=0.2))) == DATA[:1000]


def test_a_handshake_that_hangs() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pretending(lambda connection: time.sleep(0.5)) as endpoint:
        assert ask(Caller(context, connect=0.2), endpoint, [SHA256]) is None
