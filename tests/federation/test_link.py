"""The way to another node: which address is kept, and what of a peer that misbehaves is believed."""

import re
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from aiohttp import web
from localswarm.errors import Forbidden, UpstreamFault
from localswarm.federation.link import Link
from localswarm.federation.nodes import Endpoint, Rumour
from localswarm.federation.race import Lost, Trust, race, reach
from localswarm.federation.wire import versions
from localswarm.federation.wire.versions import OtherVersion

from ..swarm.scripted import ScriptedMember, says
from .certificates import Authority
from .odd import always, odd
from .offered import ABOUT, RUMOUR, Offered, at, serving

# Nothing is ever there; a router that is asked for it says nothing either.
NOBODY = Endpoint("192.0.2.1", 17617)


@pytest.fixture
def swarm(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def linked(trust: Trust, endpoints: Sequence[Endpoint], id: str = "a") -> AsyncIterator[Link]:
    link = Link(id, trust, endpoints)
    try:
        yield link
    finally:
        await link.close()


def closed_port() -> Endpoint:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return Endpoint("127.0.0.1", taken.getsockname()[1])


async def test_probe_tells_what_changes_and_carries_rumours(swarm: Authority) -> None:
    offered = Offered({"m": ScriptedMember(says("hello"))})
    async with serving(swarm.server("a"), offered) as server, linked(swarm.client("c"), [at(server)]) as link:
        told = await link.probe([Rumour("x", "gone", 3, left=True)])
        assert (told.incarnation, told.instance, told.revision, told.rumours) == (2**20, "instance-1", 1, (RUMOUR,))
        assert told.loads == offered.report().loads
        assert await link.report() == offered.report()
        assert [await link.probe_for(id) for id in "bx"] == [True, False]
        await link.bye(9)
    assert offered.heard == [("c", (Rumour("x", "gone", 3, left=True),))]
    assert offered.gone == [("c", 9)]


async def test_the_address_that_answers_as_the_node_is_kept(swarm: Authority) -> None:
    async with (
        serving(swarm.server("b"), Offered({})) as other,
        serving(swarm.server("a"), Offered({})) as server,
        linked(swarm.client("c"), [NOBODY, closed_port(), at(other), at(server)]) as link,
    ):
        begun = anyio.current_time()
        await link.probe()
        assert link.endpoint == at(server)
        assert anyio.current_time() - begun < 1.5
        await link.probe()


async def test_another_address_is_found_when_the_one_that_was_kept_is_not_the_node_any_more(swarm: Authority) -> None:
    offered, taken_over = Offered({}), Offered({})
    async with linked(swarm.client("c"), []) as link:
        async with serving(swarm.server("a"), offered) as before:
            link.told([at(before)])
            await link.probe()
        async with serving(swarm.server("b"), taken_over, before.port), serving(swarm.server("a"), offered) as now:
            link.told([at(before), at(now)])
            await link.probe([RUMOUR])
            assert link.endpoint == at(now)
    assert offered.heard == [("c", ()), ("c", (RUMOUR,))]
    assert taken_over.heard == [], "nothing is said to a node that only has the address"


async def test_a_node_that_starts_again_at_the_same_address_is_reached_at_once(swarm: Authority) -> None:
    async with linked(swarm.client("c"), []) as link:
        async with serving(swarm.server("a"), Offered({})) as before:
            link.told([at(before)])
            await link.probe()
        async with serving(swarm.server("a"), Offered({}), before.port):
            await link.probe()


async def test_whoever_is_not_there_at_all_is_known_to_be_gone_at_once(swarm: Authority) -> None:
    async with linked(swarm.client("c"), [closed_port()]) as link:
        with pytest.raises(Lost, match="The node a cannot be reached") as lost:
            await link.probe()
    assert lost.value.hard


async def test_a_machine_that_takes_calls_and_says_nothing_is_silent_and_not_gone(swarm: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        async with linked(swarm.client("c"), [Endpoint("127.0.0.1", frozen.getsockname()[1])]) as link:
            with pytest.raises(Lost, match="did not answer within") as lost:
                await link.probe(seconds=0.3)
    assert not lost.value.hard


async def test_a_machine_of_another_swarm_is_nobody(swarm: Authority, tmp_path: Path) -> None:
    foreign = Authority(tmp_path, "foreign")
    async with serving(foreign.server("a"), Offered({})) as server:
        async with linked(swarm.client("c"), [at(server)]) as link:
            with pytest.raises(Lost, match=r"cannot be talked to: .*another swarm"):
                await link.probe()


async def test_who_is_at_an_address_is_told(swarm: Authority) -> None:
    async with serving(swarm.server("a"), Offered({})) as server:
        assert (await reach(at(server), swarm.client("c"))).id == "a"


async def test_whose_certificate_is_not_its_own_is_nobody(swarm: Authority) -> None:
    def refuse(connection: ssl.SSLObject) -> str:
        raise Forbidden("The name is not that of the key.")

    async with serving(swarm.server("a"), Offered({})) as server:
        with pytest.raises(Lost, match="The name is not that of the key"):
            await race([at(server)], Trust(swarm.client("c").context, refuse), "a")


async def test_nobody_follows_a_redirect(swarm: Authority) -> None:
    asked: list[str] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere", headers={versions.HEADER: versions.WORDS})

    async with odd(swarm.server("a"), redirect) as endpoint, linked(swarm.client("c"), [endpoint]) as link:
        with pytest.raises(UpstreamFault, match="answered with status 307"):
            await link.probe()
    assert asked == ["/swarm/probe"]


async def test_a_flood_is_cut_off(swarm: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(2**10):
            await response.write(bytes(2**20))
            sent += 1
            await anyio.lowlevel.checkpoint()
        return response

    monkeypatch.setattr("localswarm.federation.stream.MOST_LINE_BYTES", 2**20)
    async with odd(swarm.server("a"), flood) as endpoint, linked(swarm.client("c"), [endpoint]) as link:
        with pytest.raises(UpstreamFault, match=f"sent more than {256} KiB"):
            await link.probe(seconds=20)
        with pytest.raises(UpstreamFault, match="a line without an end"):
            async for _ in link.stream("/swarm/generate", b"{}"):
                pass
    assert sent < 64


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (None, UpstreamFault, "answers as no Local Swarm does"),
        ("0-0", OtherVersion, "update Local Swarm on the node a"),
        ("7-9", OtherVersion, "update Local Swarm on this machine"),
    ],
)
async def test_a_node_of_another_version_is_refused(
    swarm: Authority, words: str | None, kind: type[Exception], told: str
) -> None:
    probed = always(b'{"incarnation":1,"instance":"i","revision":1}')
    async with odd(swarm.server("a"), probed, words) as endpoint, linked(swarm.client("c"), [endpoint]) as link:
        with pytest.raises(kind, match=told):
            await link.probe()


async def test_an_answer_that_cannot_be_read_is_a_fault_of_the_node(swarm: Authority) -> None:
    async with (
        odd(swarm.server("a"), always(b'{"incarnation":"many"}')) as endpoint,
        linked(swarm.client("c"), [endpoint]) as link,
    ):
        with pytest.raises(UpstreamFault, match="'incarnation': a whole number is expected"):
            await link.probe()


async def test_what_a_node_tells_of_itself_cannot_move_a_cursor(swarm: Authority) -> None:
    about = ABOUT.__class__("a", "i", "\x1b[2Jdesk\n" + "x" * 99, "1\x00", "cpu\u202e", 1.0, ())
    async with serving(swarm.server("a"), Offered({}, about)) as server:
        async with linked(swarm.client("c"), [at(server)]) as link:
            found = (await link.report()).about
    assert re.fullmatch(r"\[2Jdeskx{33}", found.name)
    assert (found.version, found.hardware) == ("1", "cpu")


async def test_a_node_tells_of_itself_alone(swarm: Authority) -> None:
    about = ABOUT.__class__("b", "i", "desk", "1", "cpu", 1.0, ())
    async with serving(swarm.server("a"), Offered({}, about)) as server:
        async with linked(swarm.client("c"), [at(server)]) as link:
            with pytest.raises(UpstreamFault, match="tells of itself as 'b'"):
                await link.report()


async def test_a_large_request_to_a_frozen_node_ends(swarm: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    thaw = anyio.Event()

    async def frozen(request: web.Request) -> web.StreamResponse:
        await thaw.wait()
        return web.Response()

    monkeypatch.setattr("localswarm.federation.link.SILENT_SECONDS", 0.2)
    monkeypatch.setattr("localswarm.federation.link.SLOWEST_BYTES", 2**25)
    async with odd(swarm.server("a"), frozen) as endpoint, linked(swarm.client("c"), [endpoint]) as link:
        with pytest.raises(Lost, match="has fallen silent"), anyio.fail_after(5):
            async for _ in link.stream("/swarm/generate", bytes(2**24)):
                pass
        thaw.set()
