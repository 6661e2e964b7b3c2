"""Nodes of one swarm: they come, answer for each other, change and go."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from localswarm.chat import ChatRequest, Event, Message, Text, TextDelta
from localswarm.errors import SwarmError, Unavailable
from localswarm.federation import identity
from localswarm.federation.code import Code

from .swarms import Swarm, until

ASKED = ChatRequest("r", "scripted", (Message("user", (Text("Hello"),)),))


@pytest.fixture
async def swarm(tmp_path: Path) -> AsyncIterator[Swarm]:
    async with Swarm(tmp_path) as swarm:
        yield swarm


async def test_one_that_is_named_is_enough_to_learn_of_all(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    third = swarm.start("third", [first])
    await until(lambda: all(len(one.peers()) == 2 for one in (first, second, third)))
    peer = third.peers()["second"]
    assert (peer.version, peer.hardware, peer.trouble) == ("1.2", "a box", "")
    assert [served.id for served in peer.models] == ["scripted"]
    assert peer.latency is not None and peer.up is not None
    assert any("second" in line and "is here" in line for line in third.said)


async def test_a_member_of_another_node_answers(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    await until(lambda: len(first.federation.members()) == 1)
    (member,) = first.federation.members()
    assert not member.served().local
    heard: list[Event] = []

    async def emit(event: Event) -> None:
        heard.append(event)

    (candidate,) = await member.generate(ASKED, emit)
    assert candidate.message.text == "I am second."
    assert TextDelta("I am second.") in heard
    # Whoever is asked by a node asks nobody else.
    assert second.member.asked[0].policy.local_only
    assert await member.count(ASKED) == await second.member.count(ASKED)


async def test_one_that_leaves_is_missed_at_once(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    await until(lambda: bool(first.federation.members()) and bool(second.federation.members()))
    second.task.cancel()
    assert await until(lambda: not first.federation.members()) < 2
    gone = first.peers("gone")["second"]
    assert gone.trouble == "It took its leave."
    assert first.said[-1].endswith("has left")


async def test_one_that_comes_again_is_known_although_nobody_names_it(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    known = swarm.state_of(second.folder)
    await until(lambda: bool(first.peers()) and bool(known.peers.all()))
    before = second.id
    second.task.cancel()
    await until(lambda: not first.peers() and second.task.done())
    again = swarm.start("second")
    assert again.id == before
    await until(lambda: bool(first.peers()) and bool(again.peers()), 15)


async def test_another_swarm_is_no_peer(swarm: Swarm) -> None:
    first = swarm.start("first")
    other = swarm.start("other", [first], code=Code.new())
    await until(lambda: bool(other.federation.look().notes))
    assert "another swarm" in other.federation.look().notes[-1]
    assert not first.federation.look().peers and not other.peers()


async def test_whoever_is_denied_is_sent_away_and_told_so(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    await until(lambda: bool(first.peers()) and bool(second.peers()))
    swarm.state_of(first.folder).peers.deny(second.id)
    await until(lambda: not first.federation.look().peers and not second.peers(), 15)
    assert "forget" in second.federation.look().peers[0].trouble


async def test_a_new_code_takes_a_node_out_of_the_swarm_and_into_another(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    await until(lambda: bool(first.peers()) and bool(second.peers()))
    code = Code.new()
    identity.keep_code(first.folder, code)
    await until(lambda: not second.peers(), 15)
    identity.keep_code(second.folder, code)
    await until(lambda: bool(first.peers()) and bool(second.peers()), 20)


async def test_a_copied_home_gets_a_key_of_its_own(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    await anyio.sleep(0.2)
    (tmp_path / "copy").mkdir(mode=0o700)
    shutil.copytree(first.folder / "federation", tmp_path / "copy" / "federation")
    copied = swarm.start("copy", [first])
    assert copied.id == first.id
    await until(lambda: copied.id != first.id, 15)
    await until(lambda: bool(first.peers()) and bool(copied.peers()), 20)
    assert any("copied" in line for line in [*first.said, *copied.said])


async def test_one_that_cannot_be_reached_is_not_asked(swarm: Swarm) -> None:
    first = swarm.start("first")
    second = swarm.start("second", [first])
    await until(lambda: bool(first.federation.members()))
    (member,) = first.federation.members()
    second.task.cancel()
    await until(lambda: not first.federation.members())

    async def emit(event: Event) -> None:
        raise AssertionError(event)

    with pytest.raises(SwarmError) as refused:
        await member.generate(ASKED, emit)
    assert isinstance(refused.value, Unavailable)
