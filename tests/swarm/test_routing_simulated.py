"""Whole days of requests, reckoned in a second: is it as quick as it could be, and does everybody get an answer?"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from localswarm.chat import ChatRequest, Event, Message, Text, ToolSpec
from localswarm.swarm.affinity import Record, cut
from localswarm.swarm.routing import Choice, Router

from .simulated import Simulated, job_of, now, run

Pick = Callable[[ChatRequest], Simulated]
UNBOUNDED = 10**9


def text(tokens: int, salt: str) -> Text:
    return Text((salt + " word" * tokens)[: tokens * 4])


def head(kind: int, tokens: int = 6000) -> tuple[Message, ToolSpec]:
    return Message("system", (text(tokens, f"agent {kind}"),)), ToolSpec(f"tool-{kind}", "d" * 4000)


async def nothing(_: Event) -> None: ...


@dataclass
class Day:
    """What came of a stream of requests."""

    seconds: list[float] = field(default_factory=list)
    prompts: int = 0
    again: int = 0  # tokens that were read although somebody had read them


class Stream:
    """Conversations with agents of few kinds, begun at random, each answer followed by the next turn."""

    def __init__(self, members: Sequence[Simulated], seed: int = 1, named: bool = True) -> None:
        self.members = members
        self.day = Day()
        self._random = random.Random(seed)
        self._named = named
        self._everything = Record()

    async def run(self, conversations: int, gap: float, pick: Pick | None = None) -> Day:
        self.router = Router(clock=now)
        serving = [asyncio.create_task(member.run()) for member in self.members]
        async with asyncio.TaskGroup() as group:
            for number in range(conversations):
                turns = [(self._random.randint(100, 1500), self._random.randint(20, 250)) for _ in range(4)]
                pauses = [self._random.uniform(0.5, 8) for _ in turns]
                group.create_task(self._talk(number, turns, pauses, pick))
                await asyncio.sleep(self._random.expovariate(1 / gap))
        for task in serving:
            task.cancel()
        return self.day

    async def _talk(
        self, number: int, turns: Sequence[tuple[int, int]], pauses: Sequence[float], pick: Pick | None
    ) -> None:
        system, tool = head(number % 4)
        messages = [system]
        for at, (more, answer) in enumerate(turns):
            messages.append(Message("user", (text(more, f"{number}-{at}"),)))
            session = f"s{number}" if self._named else ""
            await self._ask(
                ChatRequest(f"{number}-{at}/{answer}", "m", tuple(messages), (tool,), session=session), pick
            )
            messages.append(Message("assistant", (text(answer, f"a{number}-{at}"),)))
            await asyncio.sleep(pauses[at])

    async def _ask(self, request: ChatRequest, pick: Pick | None) -> None:
        begun = now()
        if pick:
            member = pick(request)
            choice = Choice(member, member.served())
        else:
            choice = self.router.order(list(self.members), request)[0]
            self.router.note(request, choice.member)
        pieces = cut(request)
        known = self._everything.known(pieces)
        self._everything.read(pieces, UNBOUNDED)
        (found,) = await self.router.ask(choice, request, nothing)
        self.day.seconds.append(now() - begun)
        self.day.prompts += found.usage.prompt
        self.day.again += max(0, known - found.usage.cached)


def fleet() -> list[Simulated]:
    return [Simulated("a", 1500, 60), Simulated("b", 800, 35), Simulated("c", 400, 20)]


def foresight(members: Sequence[Simulated]) -> Pick:
    """Who would really end this first: it knows each engine, its cache, and how long every answer will be."""
    return lambda request: min(members, key=lambda member: member.engine.seconds(job_of(request)))


@pytest.mark.parametrize(("seed", "gap"), [(2, 12.0), (2, 8.0), (1, 3.0)])
def test_it_takes_hardly_longer_than_with_foresight(seed: int, gap: float) -> None:
    """From a quiet day to one where all are busy. Foresight thinks of the request at hand alone, and can be beaten."""
    ours, theirs = fleet(), fleet()
    day = run(Stream(ours, seed).run(30, gap))
    best = run(Stream(theirs, seed).run(30, gap, foresight(theirs)))
    assert len(day.seconds) == len(best.seconds) == 120
    assert sum(day.seconds) < 1.15 * sum(best.seconds)


def test_shared_beginnings_are_seldom_read_again() -> None:
    for named in (True, False):
        day = run(Stream(fleet(), 3, named).run(30, 5.0))
        assert day.again < 0.15 * day.prompts


def test_nobody_waits_for_ever_under_full_load() -> None:
    members = fleet()
    day = run(Stream(members, 4).run(40, 1.0))
    assert len(day.seconds) == 160
    usual = sorted(day.seconds)[len(day.seconds) // 2]
    assert max(day.seconds) < 8 * usual
    assert all(member.answers > 8 for member in members)


def test_a_crowd_at_one_moment_spreads_over_all() -> None:
    """Also where all have the same beginning, and one member has read it."""
    members = [Simulated(name, 800, 30, reads=800, writes=30) for name in "abc"]
    system, tool = head(1)

    async def one(router: Router, number: int) -> None:
        request = ChatRequest(f"{number}/100", "m", (system, Message("user", (text(50, str(number)),))), (tool,))
        choice = router.order(list(members), request)[0]
        await router.ask(choice, request, nothing)

    async def crowd() -> None:
        serving = [asyncio.create_task(member.run()) for member in members]
        router = Router(clock=now)
        await one(router, 0)
        async with asyncio.TaskGroup() as group:
            for number in range(1, 37):
                group.create_task(one(router, number))
                await asyncio.sleep(0)
        for task in serving:
            task.cancel()

    run(crowd())
    assert all(8 <= member.answers <= 18 for member in members), [member.answers for member in members]


def test_a_member_that_slows_down_is_avoided_and_found_again() -> None:
    members = [Simulated("a", 1000, 40), Simulated("b", 1000, 40)]

    async def few(router: Router, label: str) -> dict[str, int]:
        counts = {"a": 0, "b": 0}
        for number in range(12):
            request = ChatRequest(f"{number}/100", "m", (Message("user", (text(3000, f"{label}{number}"),)),))
            choice = router.order(list(members), request)[0]
            counts[choice.member.name] += 1
            await router.ask(choice, request, nothing)
        return counts

    async def story() -> list[dict[str, int]]:
        serving = [asyncio.create_task(member.run()) for member in members]
        router = Router(clock=now)
        before = await few(router, "x")
        slow = replace(members[0].engine, reading=50, writing=2)
        members[0].engine, whole = slow, members[0].engine
        during = [await few(router, "y"), await few(router, "z")]
        members[0].engine = whole
        await asyncio.sleep(3600)
        after = [await few(router, "v"), await few(router, "w")]
        for task in serving:
            task.cancel()
        return [before, *during, *after]

    before, _, slow, *after = run(story())
    assert before["a"] >= 1 and slow["a"] == 0
    assert sum(counts["a"] for counts in after) >= 6
