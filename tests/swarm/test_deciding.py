"""Act or talk: the first choice is the model's, and the client sees only what comes of it."""

from dataclasses import replace

import pytest
from localswarm.chat import (
    Accepted,
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
    """The prompt once, with what was cached before the first; and all that was written."""

    def script(request: ChatRequest) -> list[Step]:
        if request.tool_choice.mode == "required":
            thought: list[Step] = [Accepted(50), ThinkingDelta("Hm.")]
            return [*thought, *calls(TALK, "{}")[1:-1], Finished("tool_calls", Usage(50, 7, 20, 3))]
        return [Accepted(48), ThinkingDelta("So."), TextDelta("hi"), Finished("stop", Usage(48, 4, 48, 1))]

    member = ScriptedMember(script)
    request = replace(REQUEST, sampling=Sampling(max_tokens=100))
    events, (candidate,) = await run(member, request)
    ends = [event for event in events if isinstance(event, Finished)]
    assert ends == [Finished("stop", Usage(48, 11, 20, 4))] and candidate.usage == ends[0].usage
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


def test_only_a_free_choice_is_decided() -> None:
    assert deciding.applies(REQUEST)
    assert not deciding.applies(replace(REQUEST, tools=()))
    assert not deciding.applies(replace(REQUEST, continue_last=True)), "what is written on is no choice any more"
    assert not deciding.applies(replace(REQUEST, tool_choice=ToolChoice("required")))
    assert not deciding.applies(replace(REQUEST, tool_choice=ToolChoice("auto", ("read",))))
