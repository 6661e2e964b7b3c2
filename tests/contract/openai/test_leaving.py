"""A client that leaves in the middle of an answer cancels the work for it."""

import time
from typing import Any

import openai
import pytest
from localswarm.chat import Accepted, TextDelta

from tests.swarm.scripted import ScriptedMember, Step

from .conftest import Connect

ASK: Any = [{"role": "user", "content": "x"}]
ENDLESS: list[Step] = [Accepted(1), TextDelta("a"), 60.0]


def wait_for_leaving(member: ScriptedMember, times: int = 1) -> None:
    end = time.monotonic() + 5
    while member.left < times and time.monotonic() < end:
        time.sleep(0.01)
    assert member.left == times


@pytest.mark.parametrize("route", ["chat", "completions", "responses"])
def test_a_closed_stream(connect: Connect, route: str) -> None:
    member = ScriptedMember(ENDLESS)
    client = connect(member)
    streams: dict[str, Any] = {
        "chat": lambda: client.chat.completions.create(model="swarm", messages=ASK, stream=True),
        "completions": lambda: client.completions.create(model="swarm", prompt=["x", "y"], stream=True),
        "responses": lambda: client.responses.create(model="swarm", input="x", stream=True),
    }
    with streams[route]() as stream:
        next(iter(stream))
    wait_for_leaving(member, 2 if route == "completions" else 1)


def test_a_whole_answer_that_nobody_waits_for(connect: Connect) -> None:
    member = ScriptedMember(ENDLESS)
    client = connect(member).with_options(timeout=0.3)
    with pytest.raises(openai.APITimeoutError):
        client.responses.create(model="swarm", input="x")
    wait_for_leaving(member)
