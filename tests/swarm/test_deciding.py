"""Act or talk: the first choice is the model's, and the client sees only what comes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from localswarm.chat import (
    Accepted,
    Branch,
    Candidate,
    ChatRequest,
    Event,
    Finished,
    Message,
    Sampling,
    Text,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolChoice,
    ToolResult,
    ToolSpec,
    Usage,
)
from localswarm.swarm import deciding
from localswarm.swarm.deciding import TALK

from .scripted import ScriptedMember, Step, calls, says

REQUEST = ChatRequest("r", "swarm", (Message("user", (Text("hello"),)),), tools=(ToolSpec("read"),))


async def run(member: ScriptedMember, request: ChatRequest = REQUEST) -> tuple[list[Event], list[Candidate]]:
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    return events, await deciding.decide(request, emit, member.generate, "Talk.")


async def test_a_call_goes_straight_through() -> None:
    member = ScriptedMember(calls("read", "{}"))
    events, (candidate,) = await run(member)
    assert [call.name for call in candidate.message.calls] == ["read"]
    assert any(isinstance(event, ToolCallDelta) for event in events)
    (asked,) = member.asked
    assert asked.tool_choice.mode == "required" and [tool.name for tool in asked.tools] == ["read", TALK]


async def test_talking_is_asked_for_with_the_same_tools_and_none_may_be_called() -> None:
    def script(request: ChatRequest) -> list[object]:
        return list(calls(TALK, "{}") if request.tool_choice.mode == "required" else says("hi"))

    member = ScriptedMember(script)  # type: ignore[arg-type]
    events, (candidate,) = await run(member)
    assert candidate.message.text == "hi" and not candidate.message.calls
    assert [type(event) for event in events if isinstance(event, Accepted | TextDelta | ToolCallDelta)] == [
        Accepted,
        TextDelta,
    ]
    first, second = member.asked
    assert second.tool_choice == ToolChoice("none") and second.tools == first.tools


async def test_what_is_used_is_that_of_both() -> None:
    """The prompt once, as the client sent it, with what was cached before the first; and all that was written."""

    def script(request: ChatRequest) -> list[Step]:
        if request.tool_choice.mode == "required":
            thought: list[Step] = [Accepted(50), ThinkingDelta("Hm.")]
            return [*thought, *calls(TALK, "{}")[1:-1], Finished("tool_calls", Usage(50, 7, 20, 3))]
        return [Accepted(48), ThinkingDelta("So."), TextDelta("hi"), Finished("stop", Usage(48, 4, 48, 1))]

    member = ScriptedMember(script)
    request = replace(REQUEST, sampling=Sampling(max_tokens=100))
    events, (candidate,) = await run(member, request)
    ends = [event for event in events if isinstance(event, Finished)]
    assert ends == [Finished("stop", Usage(50, 11, 20, 4))] and candidate.usage == ends[0].usage
    assert candidate.message.thinking == "Hm.So."
    assert "".join(event.text for event in events if isinstance(event, ThinkingDelta)) == "Hm.So."
    assert [asked.sampling.max_tokens for asked in member.asked] == [100, 97]


async def test_a_first_choice_that_was_cut_off_is_the_answer() -> None:
    cut: list[Step] = [Accepted(5), ThinkingDelta("Hm"), Finished("length", Usage(5, 1))]
    member = ScriptedMember(cut)
    events, (candidate,) = await run(member)
    assert candidate.reason == "length" and isinstance(events[-1], Finished) and len(member.asked) == 1


@pytest.mark.parametrize("order", [("read", TALK), (TALK, "read")])
async def test_talking_beside_a_call_is_left_out(order: tuple[str, str]) -> None:
    one, other = order
    both = [*calls(one, "{}")[:-1], *(_second(step) for step in calls(other, "{}", call_id="call_2")[1:])]
    member = ScriptedMember(both)  # type: ignore[arg-type]
    events, (candidate,) = await run(member)
    assert len(member.asked) == 1 and isinstance(events[-1], Finished)
    assert [call.name for call in candidate.message.calls] == ["read"]
    assert {event.index for event in events if isinstance(event, ToolCallDelta)} == {0}


def _second(step: object) -> object:
    return replace(step, index=1) if isinstance(step, ToolCallDelta) else step


CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ToolSpec("get_weather", "", CITY)
CALL = calls("get_weather", '{"city": "Rome"}')


def wished(text: str, **more: Any) -> ChatRequest:
    return ChatRequest("r", "swarm", (Message("user", (Text(text),)),), tools=(WEATHER,), **more)


def calling(request: ChatRequest) -> list[Step]:
    if request.tool_choice.mode == "required":
        return [Accepted(50), ThinkingDelta("Hm."), *CALL[1:-1], Finished("tool_calls", Usage(50, 17, 20, 3))]
    return [Accepted(48), TextDelta("hi"), Finished("stop", Usage(48, 4, 48))]


async def weighed(member: ScriptedMember, request: ChatRequest) -> tuple[list[Event], Candidate]:
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    (candidate,) = await deciding.weigh(request, emit, member.generate)
    return events, candidate


async def test_a_call_that_the_request_speaks_for_is_made() -> None:
    member = ScriptedMember(calling)
    events, candidate = await weighed(member, wished("What is the weather like in Rome?"))
    assert [call.arguments for call in candidate.message.calls] == ['{"city": "Rome"}'] and len(member.asked) == 1
    assert isinstance(events[0], Accepted) and events[-1] == Finished("tool_calls", Usage(50, 17, 20, 3))
    assert member.asked[0].tools == (WEATHER,)


async def test_one_that_nobody_asked_for_is_never_seen() -> None:
    member = ScriptedMember(calling)
    events, candidate = await weighed(member, wished("Who painted this ceiling?", sampling=Sampling(max_tokens=100)))
    assert candidate.message.text == "hi" and candidate.message.thinking == "Hm." and not candidate.message.calls
    assert [type(event) for event in events] == [Accepted, ThinkingDelta, TextDelta, Finished]
    assert [asked.tool_choice.mode for asked in member.asked] == ["required", "none"]
    assert candidate.usage == Usage(50, 7, 20, 3), "its tokens are no part of the answer"
    assert member.asked[1].sampling.max_tokens == 97


@pytest.mark.parametrize(("text", "wanted"), [("Write a file with a story", True), ("Hello there", False)])
async def test_a_long_call_is_judged_by_its_beginning(text: str, wanted: bool) -> None:
    said: list[str] = []

    def writing(request: ChatRequest) -> Iterator[Step]:
        if request.tool_choice.mode == "none":
            yield from (Accepted(40), TextDelta("hi"), Finished("stop", Usage(40, 1)))
            return
        yield from (Accepted(50), ToolCallDelta(0, "", "call_1", "write_file"), ToolCallDelta(0, '{"text": "'))
        for _ in range(1000):
            said.append("once upon a time ")
            yield ToolCallDelta(0, said[-1])
            yield 0.0
        yield from (ToolCallDelta(0, '"}'), Finished("tool_calls", Usage(50, 4000, 20)))

    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    request = replace(wished(text), tools=(ToolSpec("write_file", "", schema),))
    events, candidate = await weighed(ScriptedMember(writing), request)  # type: ignore[arg-type]
    assert bool(candidate.message.calls) == wanted and (len(said) == 1000) == wanted
    if wanted:
        told = "".join(event.arguments for event in events if isinstance(event, ToolCallDelta))
        assert told == candidate.message.calls[0].arguments and len(said) == 1000
    else:
        assert candidate.message.text == "hi" and len(said) < 40 and candidate.usage == Usage(50, 1)


async def test_a_long_list_and_many_calls_are_judged_by_their_beginning() -> None:
    """Small models greet with plans of a thousand tokens."""
    plans = {"plan": {"type": "array", "items": {"type": "object"}}}
    schema = {"type": "object", "properties": plans, "required": ["plan"]}
    offered = replace(wished("Hello there"), tools=(ToolSpec("update_plan", "", schema),))
    item = '{"step": "Find the treasure", "done": false}'
    plan: list[Step] = [ToolCallDelta(0, "", "call_1", "update_plan"), ToolCallDelta(0, '{"plan": [')]
    plan += [ToolCallDelta(0, f"{item}, ") for _ in range(1000)]
    many: list[Step] = [ToolCallDelta(at, f'{{"plan": [{item}]}}', f"call_{at}", "update_plan") for at in range(1000)]
    for script in (plan, many):
        member = ScriptedMember(partial(stepping, script))
        _, candidate = await weighed(member, offered)
        assert candidate.message.text == "hi" and candidate.usage.completion == 1 and member.left == 1


def stepping(script: Sequence[Step], request: ChatRequest) -> list[Step]:
    if request.tool_choice.mode == "none":
        return says("hi")
    return [step for one in script for step in (one, 0.0)]


async def test_what_follows_from_results_is_left_to_the_model() -> None:
    asked = wished("What is the weather like in Rome?")
    result = Message("tool", (ToolResult("call_1", "sunny"),))
    member = ScriptedMember(says("It is sunny."))
    _, candidate = await weighed(member, replace(asked, messages=(*asked.messages, result)))
    assert candidate.message.text == "It is sunny." and member.asked[0].tool_choice.mode == "auto"


async def test_talking_that_another_member_began_is_gone_on_with() -> None:
    traced = Sampling(traced=True)
    member = ScriptedMember(says("there"))
    begun = Branch((1, 2), (0.0, 0.0))
    await weighed(member, wished("What is the weather like in Rome?", sampling=traced, begun=begun))
    (asked,) = member.asked
    assert asked.tool_choice.mode == "none" and asked.begun == begun and asked.sampling.traced


def test_only_a_free_choice_is_decided() -> None:
    assert deciding.applies(REQUEST)
    assert not deciding.applies(replace(REQUEST, tools=()))
    assert not deciding.applies(replace(REQUEST, continue_last=True)), "what is written on is no choice any more"
    assert not deciding.applies(replace(REQUEST, tool_choice=ToolChoice("required")))
    assert not deciding.applies(replace(REQUEST, tool_choice=ToolChoice("auto", ("read",))))
