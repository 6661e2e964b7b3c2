import json
import time

import anyio
import pytest
from localswarm.chat import Candidate, ChatRequest, Emit, Message, Policy, ResponseFormat, Text, ToolCall, Usage
from localswarm.swarm.answer import Swarm
from localswarm.swarm.judging import beside, forms, is_long

from .polled import ASKS, Heard, Named, request, talk

ROWS = {"type": "object", "properties": {"rows": {"type": "array", "items": {"type": "array"}}}}
# A second to read, or half of one.
HUGE = json.dumps({"rows": [[1, 2, 3]] * 12_000})


def said(text: str = "", *calls: ToolCall) -> Candidate:
    return Candidate("one", Message("assistant", (*((Text(text),) if text else ()), *calls)), "stop", Usage(1, 1))


class Huge(Named):
    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        await super().generate(request, emit)
        return [said(HUGE)]


async def longest_wait(done: anyio.Event) -> float:
    longest = 0.0
    while not done.is_set():
        since = time.perf_counter()
        await anyio.sleep(0.001)
        longest = max(longest, time.perf_counter() - since)
    return longest


@pytest.mark.parametrize("model", ["swarm:fast", "swarm:vote"])
async def test_others_are_not_held_up_while_a_long_answer_is_read(model: str) -> None:
    asked = talk(model, response_format=ResponseFormat(ROWS), policy=Policy(candidates=2))
    swarm, done, found = Swarm([Huge("one", [])]), anyio.Event(), list[float]()

    async def watch() -> None:
        found.append(await longest_wait(done))

    begun = time.perf_counter()
    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await swarm.answer(asked, Heard().emit)
        done.set()
    took = time.perf_counter() - begun
    # Python gives way every 5 ms; the machine may be busy.
    assert found[0] < took / 3, f"{found[0]:.3f} s of {took:.3f} s"


async def test_who_is_not_waited_for_any_more_holds_nobody_up() -> None:
    begun = time.perf_counter()
    with anyio.move_on_after(0.02):
        await beside(True, lambda: time.sleep(0.5))
    assert time.perf_counter() - begun < 0.4


@pytest.mark.parametrize(
    ("answer", "asked", "long"),
    [
        (said("Yes."), talk(), False),
        (said("word " * 200), talk(), True),
        (said("", ToolCall("c", "read", "{}")), request(), False),
        (said("", ToolCall("c", "read", '{"path": "' + "a" * 600 + '"}')), request(), True),
        (
            said("", ToolCall("c", "read", "{}")),
            ChatRequest("r", "swarm", (Message("user", (Text("a " * 4_000),)),)),
            True,
        ),
        (said("Yes."), ChatRequest("r", "swarm", (Message("user", (Text("a " * 4_000),)),)), False),
    ],
    ids=["words", "a long text", "a call", "a long call", "a call in a long conversation", "words in one"],
)
def test_what_takes_long(answer: Candidate, asked: ChatRequest, long: bool) -> None:
    assert is_long(answer, asked) == long


async def test_each_has_a_form_in_its_order() -> None:
    found = await forms([said("word " * 200), said("42")], ChatRequest("r", "swarm", ASKS))
    assert [one.kind for one in found] == ["prose", "short"]
