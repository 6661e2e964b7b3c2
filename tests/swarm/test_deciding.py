"""Act or talk: the first choice is the model's, and the client sees only what comes of it."""

from dataclasses import replace

from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Event,
    Message,
    Text,
    TextDelta,
    ToolCallDelta,
    ToolChoice,
    ToolSpec,
)
from localswarm.swarm import deciding
from localswarm.swarm.deciding import TALK

from .scripted import ScriptedMember, calls, says

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


async def test_talking_beside_a_call_is_left_out() -> None:
    both = [*calls("read", "{}")[:-1], *(_second(step) for step in calls(TALK, "{}")[1:])]
    events, (candidate,) = await run(ScriptedMember(both))  # type: ignore[arg-type]
    assert [call.name for call in candidate.message.calls] == ["read"]
    assert {event.index for event in events if isinstance(event, ToolCallDelta)} == {0}


def _second(step: object) -> object:
    return replace(step, index=1) if isinstance(step, ToolCallDelta) else step


def test_only_a_free_choice_is_decided() -> None:
    assert deciding.applies(REQUEST)
    assert not deciding.applies(replace(REQUEST, tools=()))
    assert not deciding.applies(replace(REQUEST, tool_choice=ToolChoice("required")))
    assert not deciding.applies(replace(REQUEST, tool_choice=ToolChoice("auto", ("read",))))
