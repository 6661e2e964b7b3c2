"""What is learnt of members from the answers that pass, and what is forgotten."""

from dataclasses import replace

import anyio
import pytest
from localswarm.chat import Accepted, ChatRequest, Event, Finished, Message, Text, TextDelta, Usage
from localswarm.errors import BadRequest, EngineDied
from localswarm.swarm.traffic import MEMBERS, Traffic

from .scripted import ScriptedMember, Step

LONG = "word " * 4000


class Clock:
    """It goes on by a second with each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def request(text: str = "Hi") -> ChatRequest:
    return ChatRequest("r", "m", (Message("system", (Text("S" * 400),)), Message("user", (Text(text),))))


def answer(prompt: int, written: int, cached: int = 0) -> list[Step]:
    return [Accepted(prompt), TextDelta("."), Finished("stop", Usage(prompt, written, cached))]


async def nothing(_: Event) -> None: ...


async def ask(traffic: Traffic, member: ScriptedMember, asked: ChatRequest) -> None:
    await traffic.ask(member, member.served(), asked, nothing)


def named(name: str, *steps: Step) -> ScriptedMember:
    member = ScriptedMember(steps)
    member.name = name
    return member


async def test_whoever_has_read_it_begins_sooner() -> None:
    traffic = Traffic()
    read, fresh = named("read", *answer(5000, 10)), named("fresh")
    before = traffic.expect(read, read.served(), request(LONG))
    await ask(traffic, read, request(LONG))
    again, other = (traffic.expect(member, member.served(), request(LONG)) for member in (read, fresh))
    assert again.first < before.first / 10 and again.first < other.first / 10
    assert again.cached > 4000 and other.cached == 0


async def test_one_that_forgot_more_than_was_believed_is_believed_to_have_read_this_alone() -> None:
    traffic = Traffic()
    first, second = request(LONG), request("other " * 4000)
    member = named("m", *answer(5000, 10, cached=100))
    for asked in (first, second):
        await ask(traffic, member, asked)
    assert traffic.expect(member, member.served(), second).cached > 0
    await ask(traffic, member, first)
    assert traffic.expect(member, member.served(), first).cached > 0
    assert traffic.expect(member, member.served(), second).cached == 0


async def test_one_that_never_tells_what_it_had_cached_is_believed_to_have_it() -> None:
    traffic = Traffic()
    member = named("m", *answer(5000, 10))
    for _ in range(3):
        await ask(traffic, member, request(LONG))
    assert traffic.expect(member, member.served(), request(LONG)).cached > 0


@pytest.mark.parametrize(("error", "kept"), [(EngineDied("it died"), False), (BadRequest("no"), True)])
async def test_one_that_died_has_read_nothing(error: EngineDied | BadRequest, kept: bool) -> None:
    traffic = Traffic()
    member = named("m", *answer(5000, 10))
    await ask(traffic, member, request(LONG))
    member.script = lambda _: [error]
    with pytest.raises(type(error)):
        await ask(traffic, member, request("Hi"))
    assert bool(traffic.expect(member, member.served(), request(LONG)).cached) is kept
    assert traffic.quiet > 0


async def test_what_runs_makes_the_next_wait() -> None:
    traffic = Traffic()
    member = named("m", Accepted(5), 60.0)
    alone = traffic.expect(member, member.served(), request(LONG))
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(ask, traffic, member, request("other " * 500))
        await anyio.wait_all_tasks_blocked()
        busy = traffic.expect(member, member.served(), request(LONG))
        assert traffic.quiet == 0
        group.cancel_scope.cancel()
    assert alone.free and not busy.free and busy.first > alone.first + 5
    assert traffic.expect(member, member.served(), request(LONG)).free


async def test_whoever_is_always_given_up_counts_as_slow() -> None:
    clock = Clock()
    traffic = Traffic(clock)
    member = named("m", Accepted(5), 60.0)
    before = traffic.expect(member, member.served(), request(LONG))
    for number in range(3):
        async with anyio.create_task_group() as group:
            group.start_soon(ask, traffic, member, request(f"{number} {LONG}"))
            await anyio.wait_all_tasks_blocked()
            clock.now += 500
            group.cancel_scope.cancel()
    assert traffic.expect(member, member.served(), request(f"new {LONG}")).first > 5 * before.first


async def test_somebody_who_waits_for_quiet_is_told_when_it_ends() -> None:
    traffic = Traffic()
    stirred = anyio.Event()

    async def watch() -> None:
        await traffic.stirred()
        stirred.set()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await anyio.wait_all_tasks_blocked()
        assert not stirred.is_set()
        await ask(traffic, named("m", *answer(5, 1)), request())
        await anyio.wait_all_tasks_blocked()
        assert stirred.is_set()


async def test_members_that_are_gone_are_forgotten() -> None:
    traffic = Traffic()
    for number in range(MEMBERS + 20):
        await ask(traffic, named(str(number), *answer(5, 1)), request())
    assert len(traffic._known) <= MEMBERS


@pytest.mark.parametrize("large", [True, False])
async def test_a_long_conversation_is_read_beside_the_thread_that_serves(large: bool) -> None:
    traffic = Traffic()
    asked = replace(request(), messages=request().messages * (1000 if large else 1))
    await traffic.read(asked)
    assert (traffic._cut is not None) == large
    if traffic._cut:
        assert traffic._pieces(asked) is traffic._cut[1] and len(traffic._cut[1]) == 2000


async def test_the_candidates_of_one_request_are_read_once() -> None:
    traffic = Traffic()
    asked = request(LONG)
    assert traffic._pieces(asked) is traffic._pieces(replace(asked, id="r-1"))
    await ask(traffic, named("m", *answer(5, 1)), asked)
    assert traffic._cut is None, "no text is kept"
