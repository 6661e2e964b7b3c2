"""Anthropic's own library against a real socket: whole loops, errors, and clients that leave."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anthropic
import httpx
import pytest
from localswarm.api.anthropic.answer import SIGNATURE
from localswarm.chat import Accepted, ChatRequest, Image, TextDelta, ToolResult
from localswarm.errors import ContextOverflow, EngineDied, Overloaded, SwarmError
from localswarm.swarm.member import Served

from ...api.serving import served
from ...swarm.scripted import ScriptedMember, Step, calls, says

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ: Any = {"name": "Read", "description": "Reads a file.", "input_schema": SCHEMA}
ASK: dict[str, Any] = {"model": "claude-sonnet-4-9", "max_tokens": 500}
GO: Any = {"role": "user", "content": "go"}
SOURCE = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
PICTURE: Any = {"role": "user", "content": [{"type": "image", "source": SOURCE}]}


def client(base: str, key: str = "none") -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=base, api_key=key, max_retries=0)


def agent(request: ChatRequest) -> list[Step]:
    """Reads a file, then says what it held."""
    results = [part for message in request.messages for part in message.parts if isinstance(part, ToolResult)]
    if results:
        return says("It holds ", results[0].content)
    return calls("Read", '{"path":', '"a.txt"}', text="I look.", thought="read first", call_id="toolu_7")


@pytest.fixture
def reader() -> Iterator[tuple[anthropic.Anthropic, ScriptedMember]]:
    member = ScriptedMember(agent)
    with served(member) as base:
        yield client(base), member


@pytest.mark.parametrize("streaming", [False, True])
def test_a_whole_loop_with_a_tool(reader: tuple[anthropic.Anthropic, ScriptedMember], streaming: bool) -> None:
    sdk, member = reader

    def ask(messages: list[Any]) -> anthropic.types.Message:
        if not streaming:
            whole: anthropic.types.Message = sdk.messages.create(messages=messages, tools=[READ], **ASK)
            return whole
        with sdk.messages.stream(messages=messages, tools=[READ], **ASK) as stream:
            return stream.get_final_message()

    first = ask([GO])
    thought, text, use = first.content
    assert thought.type == "thinking" and (thought.thinking, thought.signature) == ("read first", SIGNATURE)
    assert text.type == "text" and text.text == "I look."
    assert use.type == "tool_use" and (use.id, use.name, use.input) == ("toolu_7", "Read", {"path": "a.txt"})
    assert (first.stop_reason, first.model) == ("tool_use", ASK["model"])
    assert (first.usage.input_tokens, first.usage.cache_read_input_tokens) == (3, 2)

    result: Any = {"type": "tool_result", "tool_use_id": use.id, "content": "bread"}
    second = ask([GO, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}])
    assert [block.type for block in second.content] == ["text"]
    assert second.content[0].type == "text" and second.content[0].text == "It holds bread"
    assert second.stop_reason == "end_turn" and second.usage.output_tokens == 2
    assert [message.role for message in member.asked[1].messages] == ["user", "assistant", "tool"]
    assert member.asked[0].model == "swarm" and [tool.name for tool in member.asked[0].tools] == ["Read"]


def test_the_beta_way_that_claude_code_goes(reader: tuple[anthropic.Anthropic, ScriptedMember]) -> None:
    sdk, member = reader
    with sdk.beta.messages.stream(
        messages=[GO, {"role": "system", "content": "agents: none"}],
        system=[
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1; cch=abcde;"},
            {"type": "text", "text": "You are an agent.", "cache_control": {"type": "ephemeral"}},
        ],
        thinking={"type": "adaptive"},
        output_config={"effort": "high"},
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        metadata={"user_id": "someone"},
        betas=["context-management-2025-06-27"],
        extra_headers={"X-Claude-Code-Session-Id": "session-1"},
        tools=[READ],
        **ASK,
    ) as stream:
        assert stream.get_final_message().stop_reason == "tool_use"
    asked = member.asked[0]
    assert [(message.role, message.text) for message in asked.messages] == [
        ("system", "You are an agent."),
        ("user", "go"),
        ("system", "agents: none"),
    ]
    assert (asked.session, asked.reasoning.effort) == ("session-1", "high")


def test_tokens_are_counted(reader: tuple[anthropic.Anthropic, ScriptedMember]) -> None:
    assert reader[0].messages.count_tokens(model="claude-x", messages=[GO], system="abc").input_tokens == 5


def test_prefill_is_written_on() -> None:
    member = ScriptedMember(says("B)"))
    with served(member) as base:
        answer = client(base).messages.create(messages=[GO, {"role": "assistant", "content": "The best is ("}], **ASK)
    assert answer.content[0].type == "text" and answer.content[0].text == "B)"
    assert member.asked[0].continue_last


FAILURES: list[tuple[SwarmError, type[anthropic.APIStatusError]]] = [
    (ContextOverflow(9000, 4096), anthropic.BadRequestError),
    (Overloaded("full", 9), anthropic.InternalServerError),
    (SwarmError("oh"), anthropic.InternalServerError),
]


@pytest.mark.parametrize(("error", "kind"), FAILURES, ids=[type(error).__name__ for error, _ in FAILURES])
@pytest.mark.parametrize("stream", [False, True])
def test_errors_before_the_answer(error: SwarmError, kind: type[anthropic.APIStatusError], stream: bool) -> None:
    with served(ScriptedMember([error])) as base, pytest.raises(kind) as raised:
        client(base).messages.create(messages=[GO], stream=stream, **ASK)
    assert raised.value.status_code == error.status
    body: Any = raised.value.body
    assert body["type"] == "error" and body["error"]["message"]


def test_the_classes_of_refusals() -> None:
    with served(ScriptedMember(says("hi")), key="secret") as base:
        with pytest.raises(anthropic.AuthenticationError):
            client(base, "wrong").messages.create(messages=[GO], **ASK)
        sdk = client(base, "secret")
        with pytest.raises(anthropic.NotFoundError):
            sdk.messages.create(messages=[GO], **ASK | {"model": "gpt-5"})
        with pytest.raises(anthropic.BadRequestError, match="cannot see images"):
            sdk.messages.create(messages=[PICTURE], **ASK)
        assert sdk.messages.create(messages=[GO], **ASK).stop_reason == "end_turn"


def test_an_error_in_the_middle_of_a_stream() -> None:
    member = ScriptedMember([Accepted(5), TextDelta("half"), EngineDied("The engine died.")])
    with served(member) as base, pytest.raises(anthropic.APIStatusError, match="The engine died"):
        with client(base).messages.stream(messages=[GO], **ASK) as stream:
            stream.get_final_message()


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_cancels_the_member(stream: bool) -> None:
    member = ScriptedMember([Accepted(5), TextDelta("half"), 60.0])
    body = {"messages": [GO], "stream": stream}
    with served(member) as base:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{base}/v1/messages", json=body, timeout=0.5)
        deadline = time.monotonic() + 5
        while not member.left and time.monotonic() < deadline:
            time.sleep(0.01)
    assert member.left == 1


class SeeingMember(ScriptedMember):
    def served(self) -> Served:
        one = super().served()
        return replace(one, details=replace(one.details, sees=True))


def test_pictures_reach_a_model_that_sees() -> None:
    member = SeeingMember(says("a pixel"))
    with served(member) as base:
        client(base).messages.create(messages=[PICTURE], **ASK)
    assert member.asked[0].messages[0].parts == (Image("data:image/png;base64,iVBORw0KGgo="),)
