"""A member of another node is a member like any other: it answers, fails and is given up in the same ways."""

import asyncio
import dataclasses
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Emit,
    Event,
    Finished,
    Message,
    Sampling,
    Text,
    TextDelta,
    ToolSpec,
    Usage,
)
from localswarm.errors import (
    ContextOverflow,
    EngineDied,
    EngineFault,
    ShuttingDown,
    SwarmError,
    Unavailable,
    UpstreamFault,
)
from localswarm.federation import calling, stream
from localswarm.federation.link import Link
from localswarm.federation.nodes import Load
from localswarm.federation.peer import PeerMember, PeerNode
from localswarm.federation.race import Lost, Trust
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Busy, Member

from ..swarm.scripted import ScriptedMember, calls, says
from .certificates import Authority
from .odd import always, odd
from .offered import Leavable, Offered, at, serving

REQUEST = ChatRequest(
    "r", "scripted", (Message("user", (Text("hi"),)),), (ToolSpec("read"),), sampling=Sampling(seed=3)
)


class Heard:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.something = anyio.Event()

    async def emit(self, event: Event) -> None:
        self.events.append(event)
        self.something.set()

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))


@asynccontextmanager
async def peer(folder: Path, member: Member, offered: Offered | None = None) -> AsyncIterator[PeerMember]:
    swarm = Authority(folder)
    offered = offered or Offered({"m": member})
    async with serving(swarm.server("a"), offered) as server:
        node = PeerNode(Link("a", swarm.client("c"), [at(server)]))
        node.take(await node.link.report())
        try:
            yield node.members()[0]
        finally:
            await node.link.close()


@pytest.mark.parametrize("script", [says("he", "llo"), calls("read", '{"a"', ":1}", text="é", thought="hm")])
async def test_an_answer_is_the_same_as_of_the_member_itself(tmp_path: Path, script: list[Event]) -> None:
    member, here, there = ScriptedMember(script), Heard(), Heard()
    async with peer(tmp_path, member) as found:
        candidates = await found.generate(REQUEST, there.emit)
        assert [dataclasses.replace(one, member="scripted") for one in candidates] == await member.generate(
            REQUEST, here.emit
        )
        assert candidates[0].member == found.name == "m@a"
        assert there.events == here.events == script


async def test_one_connection_serves_one_after_the_other(tmp_path: Path) -> None:
    swarm, checked = Authority(tmp_path), []
    trust = swarm.client("c")

    def check(connection: ssl.SSLObject) -> str:
        checked.append(connection)
        return trust.peer_id(connection)

    async with serving(swarm.server("a"), Offered({"m": ScriptedMember(says("x"))})) as server:
        node = PeerNode(Link("a", Trust(trust.context, check), [at(server)]))
        node.take(await node.link.report())
        before = len(checked)
        for _ in range(3):
            await node.members()[0].generate(REQUEST, Heard().emit)
            with pytest.raises(SwarmError):
                await node.members()[0].detokenize([-1])
        await node.link.close()
    assert len(checked) == before


async def test_whoever_takes_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(stream, "STUCK_SECONDS", 0.3)
    member = Leavable([Accepted(5), 0.1, *says(*["x" * 2**13] * 6000)])
    async with peer(tmp_path, member) as found:
        async with anyio.create_task_group() as group:

            async def freeze(event: Event) -> None:
                await anyio.sleep_forever()

            group.start_soon(found.generate, REQUEST, freeze)
            await member.over()
            group.cancel_scope.cancel()


async def test_everything_else_that_a_member_is_asked(tmp_path: Path) -> None:
    member = ScriptedMember()
    async with peer(tmp_path, member) as found:
        assert await found.count(REQUEST) == 2
        assert await found.tokenize("hé", special=True, framed=True) == [1, 104, 233]
        assert await found.detokenize([104, 233]) == "hé"
        assert await found.embed(["ab", "c"]) == await member.embed(["ab", "c"])
        with pytest.raises(SwarmError, match="no token"):
            await found.detokenize([-1])


async def test_no_peer_asks_another_one(tmp_path: Path) -> None:
    member = ScriptedMember(says("x"))
    async with peer(tmp_path, member) as found:
        await found.generate(REQUEST, Heard().emit)
        await found.count(REQUEST)
    bound = dataclasses.replace(REQUEST, policy=dataclasses.replace(REQUEST.policy, local_only=True))
    assert [dataclasses.replace(asked, id=REQUEST.id) for asked in member.asked] == [bound, bound]


async def test_a_request_has_a_name_of_its_own_where_it_is_answered(tmp_path: Path) -> None:
    """By the name of somebody else's request that one's answer would come here."""
    member = ScriptedMember(says("x"))
    async with peer(tmp_path, member) as found:
        await found.generate(REQUEST, Heard().emit)
        await found.generate(REQUEST, Heard().emit)
    names = {asked.id for asked in member.asked}
    assert len(names) == 2 and REQUEST.id not in names


@pytest.mark.parametrize("told", [0, 2])
@pytest.mark.parametrize("error", [EngineDied("it died", 4), ContextOverflow(9, 8), ShuttingDown("bye")])
async def test_an_error_of_the_member_is_the_error_here(tmp_path: Path, error: SwarmError, told: int) -> None:
    heard = Heard()
    async with peer(tmp_path, ScriptedMember([*says("a", "b")[:told], error])) as found:
        with pytest.raises(type(error)) as raised:
            await found.generate(REQUEST, heard.emit)
    assert vars(raised.value) == vars(error)
    assert len(heard.events) == told, "what was said before it is told all the same"


async def test_whoever_leaves_cancels_the_work_at_once(tmp_path: Path) -> None:
    member = Leavable([Accepted(5), TextDelta("a"), 60.0])
    async with peer(tmp_path, member) as found:
        async with anyio.create_task_group() as group:

            async def leave(event: Event) -> None:
                if isinstance(event, TextDelta):
                    group.cancel_scope.cancel()

            group.start_soon(found.generate, REQUEST, leave)
        await member.over()


async def test_a_member_at_work_is_waited_for_and_one_that_stands_still_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(calling, "SILENT_SECONDS", 0.4)
    member = Leavable([Accepted(5), 1.0, TextDelta("slow"), Finished("stop", Usage(1, 1))])
    offered, heard = Offered({"m": member}), Heard()
    async with peer(tmp_path, member, offered) as found:
        await found.generate(REQUEST, heard.emit)
        assert heard.text == "slow"
        offered.still = True
        with pytest.raises(EngineDied, match="has fallen silent"):
            await found.generate(REQUEST, heard.emit)
        await member.over()


async def test_a_node_that_dies_in_mid_answer_is_lost(tmp_path: Path) -> None:
    swarm, heard = Authority(tmp_path), Heard()
    node = PeerNode(Link("a", swarm.client("c")))
    async with serving(swarm.server("a"), Offered({"m": ScriptedMember([TextDelta("a"), 60.0])})) as server:
        node.link.told([at(server)])
        node.take(await node.link.report())
        dying = asyncio.ensure_future(node.members()[0].generate(REQUEST, heard.emit))
        await heard.something.wait()
    with pytest.raises(EngineDied, match="broke"):
        await dying
    assert heard.text == "a"
    await node.link.close()


async def test_a_member_that_breaks_is_told_as_such_and_breaks_nothing_else(tmp_path: Path) -> None:
    def broken(request: ChatRequest) -> list[Event]:
        raise RuntimeError("a mistake in the program")

    member, heard = ScriptedMember(broken), Heard()
    async with peer(tmp_path, member) as found:
        with pytest.raises(EngineFault, match="nobody foresaw"):
            await found.generate(REQUEST, heard.emit)
        assert await found.detokenize([65]) == "A"


async def test_a_slow_reader_makes_the_member_wait_and_loses_nothing(tmp_path: Path) -> None:
    told = [f"{number} " * 400 for number in range(3000)]
    member, texts = ScriptedMember(says(*told)), []

    async def slow(event: Event) -> None:
        if isinstance(event, TextDelta):
            texts.append(event.text)
            if len(texts) % 500 == 0:
                await anyio.sleep(0.05)

    async with peer(tmp_path, member) as found:
        await found.generate(REQUEST, slow)
    assert texts == told


@pytest.mark.parametrize(
    ("lines", "kind", "told"),
    [
        (b'{"reply":{"t":"Plain","text":"A"}}\n', UpstreamFault, "another question"),
        (b'{"reply":{"t":"Report"}}\n', UpstreamFault, "'t' must be one of Answered"),
        (b'{"answer":1}\n', UpstreamFault, "neither events nor an end"),
        (b'["a",{"t":"Policy"}]\n', UpstreamFault, "'t' must be one of Accepted"),
        (b"[1]\n", UpstreamFault, "of a type that is not expected"),
        (b"\xff\n", UpstreamFault, "no JSON"),
        (b'["a"]\n', EngineDied, "broke off its answer in the middle"),
        (b'["a"]\n{"reply":{"t":"Counted","tokens":1}}', EngineDied, "broke off its answer in the middle"),
        (b"", Lost, "broke off its answer in the middle"),
    ],
)
async def test_a_stream_that_is_no_answer_is_a_fault_of_the_node(
    tmp_path: Path, lines: bytes, kind: type[SwarmError], told: str
) -> None:
    swarm = Authority(tmp_path)
    async with odd(swarm.server("a"), always(lines)) as endpoint:
        node = PeerNode(Link("a", swarm.client("c"), [endpoint]))
        node.take(Offered({"m": ScriptedMember()}).report())
        with pytest.raises(kind, match=told):
            await node.members()[0].count(REQUEST)
        await node.link.close()


async def test_what_a_member_is_and_does_comes_with_reports_and_probes(tmp_path: Path) -> None:
    member = ScriptedMember()
    offered = Offered({"m": member})
    async with peer(tmp_path, member, offered) as found:
        assert found.served() == dataclasses.replace(member.served(), local=False)
        assert found.busy() == Busy(1, 2, 3, 4, 4096)
        offered.away = "It is loading."
        found.load = Load("m", Busy(0, 0, 0, 0, 0), "It is loading.")
        with pytest.raises(Unavailable, match="It is loading") as away:
            found.served()
        assert away.value.model == "scripted"


async def test_members_stay_the_same_for_as_long_as_they_are_offered(tmp_path: Path) -> None:
    swarm = Authority(tmp_path)
    node = PeerNode(Link("a", swarm.client("c")))
    one = Offered({"m": ScriptedMember(), "n": ScriptedMember()}).report()
    node.take(one)
    before = {member.name: member for member in node.members()}
    node.away("It does not answer.")
    with pytest.raises(Unavailable, match="It does not answer"):
        before["m@a"].served()
    node.back()
    node.take(dataclasses.replace(one, offers=one.offers[:1], revision=2))
    assert node.members() == [before["m@a"]]
    node.hear([Load("m", Busy(9, 0, 0, 0, 0)), Load("gone", Busy(0, 0, 0, 0, 0))])
    assert before["m@a"].busy().waiting == 9


async def test_the_swarm_asks_peers_like_its_own(tmp_path: Path) -> None:
    member, heard = ScriptedMember(says("from there")), Heard()

    class Broken(ScriptedMember):
        name = "broken"

        async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
            raise EngineDied("it died")

    async with peer(tmp_path, member) as found:
        swarm = Swarm([Broken(), found])
        await swarm.answer(REQUEST, heard.emit)
    assert heard.text == "from there"
