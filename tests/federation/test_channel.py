"""Who may talk to whom, over real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from localswarm.errors import Forbidden, StartError
from localswarm.federation import authority
from localswarm.federation.authority import Authority
from localswarm.federation.channel import client_context, peer_id, reload, server_context, why
from localswarm.federation.identity import Identity

from .listening import listening
from .members import member, swarm

OURS, THEIRS = swarm(1), swarm(2)
HERE, THERE = member(OURS), member(OURS)
SECRET = b"for members\n"


class Node:
    """Tells a secret to whoever comes through the handshake and is who it says."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.port = 0
        self.met: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.met.append(peer_id(writer.get_extra_info("ssl_object")))
            writer.write(SECRET)
            await writer.drain()
        except (Forbidden, OSError) as error:
            self.met.append(type(error).__name__)


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[Node]:
    node = Node(context)
    async with listening(node.talk, context) as node.port:
        yield node


async def called(port: int, context: ssl.SSLContext) -> tuple[bytes, str]:
    """What came, and who sent it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        return await reader.readline(), peer_id(writer.get_extra_info("ssl_object"))
    finally:
        writer.transport.abort()


def stranger() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def believing(identity: Identity) -> ssl.SSLContext:
    """One that does not mind who the other is."""
    context = client_context(identity)
    context.verify_mode = ssl.CERT_NONE
    return context


def old(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def capitals() -> Identity:
    honest = member(OURS)
    return replace(honest, certificate=OURS.sign(honest.key.public_key(), honest.id.upper()))


def self_made(key: Ed25519PrivateKey, id: str) -> Identity:
    """Signed with a key of its own, in the name of our authority."""
    own = Authority(key, OURS.certificate, OURS.tag)
    return Identity(id, key, own.sign(key.public_key(), id), own)


async def test_members_know_each_other() -> None:
    async with serving(server_context(HERE)) as node:
        assert await called(node.port, client_context(THERE)) == (SECRET, HERE.id)
        assert node.met == [THERE.id]


STRANGERS: dict[str, Callable[[], ssl.SSLContext]] = {
    "no certificate": stranger,
    "another swarm": lambda: believing(member(THEIRS)),
    "signed by itself": lambda: believing(self_made(Ed25519PrivateKey.generate(), HERE.id)),
    "signed by a member": lambda: believing(self_made(THERE.key, THERE.id)),
    "TLS 1.2": lambda: old(believing(THERE)),
    "TLS 1.2 without certificate": lambda: old(stranger()),
}


@pytest.mark.parametrize("who", STRANGERS)
async def test_a_stranger_gets_no_byte(who: str) -> None:
    async with serving(server_context(HERE)) as node:
        try:
            said = (await called(node.port, STRANGERS[who]()))[0]
        except OSError:  # TLS errors too
            said = b""
        assert said == b"" and node.met == []
        assert (await called(node.port, client_context(THERE)))[0] == SECRET


@pytest.mark.parametrize(
    "name", [HERE.id, "UPPER", "\x1b[2Jroot\r\n", "x"], ids=["another", "in capitals", "of a terminal", "too short"]
)
async def test_a_name_that_is_not_that_of_the_key_is_refused(name: str) -> None:
    liar = capitals() if name == "UPPER" else member(OURS, name)
    async with serving(server_context(HERE)) as node:
        assert (await called(node.port, client_context(liar)))[0] == b""
        assert node.met == ["Forbidden"]
    async with serving(server_context(liar)) as node:
        with pytest.raises(Forbidden, match="says another name") as raised:
            await called(node.port, client_context(THERE))
        assert raised.value.message.isprintable()


@pytest.mark.parametrize(
    "context",
    [
        lambda: server_context(member(THEIRS)),
        lambda: server_context(self_made(Ed25519PrivateKey.generate(), HERE.id)),
    ],
)
async def test_a_member_talks_to_no_other_swarm(context: Callable[[], ssl.SSLContext]) -> None:
    async with serving(context()) as node:
        with pytest.raises(ssl.SSLError) as raised:
            await called(node.port, client_context(THERE))
        assert why(raised.value) == "it belongs to another swarm"
        assert node.met == []


async def test_a_member_speaks_no_older_tls() -> None:
    async with serving(old(server_context(HERE))) as node:
        with pytest.raises(OSError):
            await called(node.port, client_context(THERE))
        assert node.met == []


async def says_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def test_what_is_no_machine_of_ours_is_told() -> None:
    async with listening(says_http) as port:
        with pytest.raises(ssl.SSLError) as raised:
            await called(port, client_context(THERE))
        assert "no Local Swarm machine" in why(raised.value)


async def test_no_clock_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates of long ago are to this machine what ours are to one whose clock is off."""
    monkeypatch.setattr(authority, "SINCE", datetime(1990, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(authority, "UNTIL", datetime(1991, 1, 1, tzinfo=UTC))
    past = swarm(1)
    assert past.certificate.not_valid_after_utc.year == 1991
    async with serving(server_context(member(past))) as node:
        assert (await called(node.port, client_context(member(past))))[0] == SECRET


async def test_no_session_goes_on_without_a_proof() -> None:
    async with serving(server_context(HERE)) as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port, ssl=client_context(THERE))
        assert await reader.readline() == SECRET
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        assert connection.version() == "TLSv1.3" and not (connection.session and connection.session.has_ticket)
        writer.transport.abort()


async def test_a_renewed_key_is_shown_from_then_on() -> None:
    server, client = server_context(HERE), client_context(THERE)
    renewed, other = HERE.renew(), THERE.renew()
    async with serving(server) as node:
        await called(node.port, client)
        reload(server, renewed)
        reload(client, other)
        assert await called(node.port, client) == (SECRET, renewed.id)
        assert node.met == [THERE.id, other.id] and renewed.id != HERE.id


def test_a_context_stays_in_its_swarm() -> None:
    with pytest.raises(ValueError, match="another swarm"):
        reload(server_context(HERE), member(THEIRS))


def test_the_key_does_not_lie_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server_context(HERE)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(StartError, match="TMPDIR"):
        server_context(HERE)
