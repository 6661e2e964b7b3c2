"""Responses through OpenAI's own library: the whole loop of tools, kept answers, and codex's own habits."""

from typing import Any

import openai
import pytest
from localswarm.chat import Accepted, ChatRequest, Finished, TextDelta, ThinkingDelta, Usage
from pydantic import BaseModel

from tests.swarm.scripted import ScriptedMember, Step, calls, says

from .conftest import Connect
from .scenes import WEATHER, weather

TOOL: Any = {"type": "function", "name": "get_weather", "parameters": WEATHER, "strict": True}
PATCH: Any = {"type": "custom", "name": "apply_patch", "description": "Patches."}
FILES: Any = {"type": "namespace", "name": "files", "description": "d", "tools": [TOOL | {"name": "read"}]}


class City(BaseModel):
    name: str
    people: int


def test_the_whole_loop_of_a_tool_without_keeping(connect: Connect) -> None:
    member = ScriptedMember(weather)
    client = connect(member)
    asked: Any = [{"role": "user", "content": "What is the weather in Bonn?"}]
    include: Any = ["reasoning.encrypted_content"]
    first = client.responses.create(model="swarm", input=asked, tools=[TOOL], store=False, include=include)
    thought, call = first.output
    assert thought.type == "reasoning" and call.type == "function_call" and call.arguments == '{"city": "Bonn"}'
    asked += [item.to_dict() for item in first.output]
    asked.append({"type": "function_call_output", "call_id": call.call_id, "output": "sunny"})
    second = client.responses.create(model="swarm", input=asked, tools=[TOOL], store=False, include=include)
    assert second.output_text == "It is sunny." and second.status == "completed"
    assert [message.role for message in member.asked[1].messages] == ["user", "assistant", "tool"]
    assert member.asked[1].messages[1].thinking == "hm"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_the_whole_loop_streamed_and_kept(connect: Connect) -> None:
    member = ScriptedMember(weather)
    client = connect(member)
    with client.responses.stream(model="swarm", input="What is the weather?", tools=[TOOL]) as stream:
        deltas = [event.delta for event in stream if event.type == "response.function_call_arguments.delta"]
        first = stream.get_final_response()
    assert "".join(deltas) == '{"city": "Bonn"}'
    call = first.output[1]
    assert call.type == "function_call"
    result: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    with client.responses.stream(model="swarm", previous_response_id=first.id, input=result) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        second = stream.get_final_response()
    assert text == second.output_text == "It is sunny." and second.previous_response_id == first.id
    assert [message.role for message in member.asked[1].messages] == ["user", "assistant", "tool"]


def test_a_kept_response_is_found_listed_and_forgotten(connect: Connect) -> None:
    client = connect(ScriptedMember(says("well")))
    made = client.responses.create(model="swarm", input="hello", metadata={"a": "b"})
    found = client.responses.retrieve(made.id)
    assert found.output_text == "well" and found.metadata == {"a": "b"}
    (item,) = client.responses.input_items.list(made.id).data
    assert item.type == "message" and item.content[0].type == "input_text" and item.content[0].text == "hello"
    client.responses.delete(made.id)
    for look in (
        lambda: client.responses.retrieve(made.id),
        lambda: client.responses.delete(made.id),
        lambda: client.responses.input_items.list(made.id),
        lambda: client.responses.create(model="swarm", input="x", previous_response_id=made.id),
    ):
        with pytest.raises(openai.NotFoundError):
            look()


@pytest.mark.parametrize("stream", [False, True])
def test_items_that_were_kept_are_named_instead_of_sent(connect: Connect, stream: bool) -> None:
    member = ScriptedMember(weather)
    client = connect(member)
    asked: Any = [{"role": "user", "content": "What is the weather in Bonn?"}]
    made: Any = client.responses.create(model="swarm", input=asked, tools=[TOOL], stream=stream)
    first = list(made)[-1].response if stream else made
    asked += [{"type": "item_reference", "id": item.id} for item in first.output]
    asked.append({"type": "function_call_output", "call_id": first.output[-1].call_id, "output": "sunny"})
    assert client.responses.input_tokens.count(model="swarm", input=asked).input_tokens > 0
    second = client.responses.create(model="swarm", input=asked, tools=[TOOL])
    assert second.output_text == "It is sunny."
    messages = member.asked[-1].messages
    assert [message.role for message in messages] == ["user", "assistant", "tool"]
    assert (messages[1].thinking, messages[1].calls[0].arguments) == ("hm", '{"city": "Bonn"}')
    client.responses.delete(first.id)
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError, match=first.output[0].id) as gone:
        client.responses.create(model="swarm", input=asked, tools=[TOOL])
    assert gone.value.param == "input[1].id"


def test_a_pydantic_class_is_filled(connect: Connect) -> None:
    member = ScriptedMember(says('{"name": "Bonn", "people": 330000}'))
    client = connect(member)
    answer = client.responses.parse(model="swarm", input="x", text_format=City)
    assert answer.output_parsed == City(name="Bonn", people=330000)
    with client.responses.stream(model="swarm", input="x", text_format=City) as stream:
        assert stream.get_final_response().output_parsed == City(name="Bonn", people=330000)
    assert all(request.response_format and request.response_format.name == "City" for request in member.asked)


def test_custom_tools_and_namespaces_come_back_as_they_were_declared(connect: Connect) -> None:
    def script(request: ChatRequest) -> list[Step]:
        custom = len(request.messages) == 1
        return calls("apply_patch", '{"input": "a\\nb"}') if custom else calls("files__read", "{}", call_id="c2")

    member = ScriptedMember(script)
    client = connect(member)
    first = client.responses.create(model="swarm", input="x", tools=[PATCH, FILES, {"type": "web_search"}])
    (patch,) = first.output
    assert patch.type == "custom_tool_call" and patch.input == "a\nb"
    assert [tool.name for tool in member.asked[0].tools] == ["apply_patch", "files__read"]
    said: Any = {"type": "custom_tool_call_output", "call_id": patch.call_id, "output": "ok"}
    second = client.responses.create(
        model="swarm", input=[said], previous_response_id=first.id, tools=[PATCH, FILES]
    )  # fmt: skip
    (read,) = second.output
    assert read.type == "function_call" and (read.namespace, read.name) == ("files", "read")
    assert member.asked[1].messages[1].calls[0].arguments == '{"input": "a\\nb"}'


def test_a_summary_of_thoughts_is_streamed(connect: Connect) -> None:
    steps: list[Step] = [Accepted(5), ThinkingDelta("hm"), TextDelta("yes"), Finished("stop", Usage(5, 3, 2, 1))]
    client = connect(ScriptedMember(steps))
    stream = client.responses.create(model="swarm", input="x", stream=True, reasoning={"summary": "auto"})
    events = list(stream)
    assert [event.delta for event in events if event.type == "response.reasoning_summary_text.delta"] == ["hm"]
    last = events[-1]
    assert last.type == "response.completed" and last.response.usage is not None
    assert last.response.usage.output_tokens_details.reasoning_tokens == 1
    assert last.response.usage.input_tokens_details.cached_tokens == 2


@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_input_is_answered_at_once_without_the_model(connect: Connect, stream: bool) -> None:
    member = ScriptedMember([SystemExit])  # type: ignore[list-item]
    client = connect(member)
    answer: Any = client.responses.create(model="swarm", input=[], instructions="x", stream=stream, tools=[TOOL])
    last = list(answer)[-1].response if stream else answer
    assert last.status == "completed" and last.output == [] and member.asked == []


def test_an_answer_that_was_cut(connect: Connect) -> None:
    steps: list[Step] = [Accepted(5), TextDelta("we"), Finished("length", Usage(5, 1))]
    answer = connect(ScriptedMember(steps)).responses.create(model="swarm", input="x", max_output_tokens=1)
    assert answer.status == "incomplete" and answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"


def test_the_tokens_of_a_prompt_are_counted(connect: Connect) -> None:
    assert connect(ScriptedMember()).responses.input_tokens.count(model="swarm", input="hello").input_tokens == 5


def test_the_session_of_codex_arrives(connect: Connect) -> None:
    member = ScriptedMember(says("x"))
    connect(member).responses.create(model="swarm", input="x", prompt_cache_key="k")
    assert member.asked[0].session == "k"
