"""A request, to the body that a server is sent."""

from dataclasses import replace
from typing import Any

import pytest
from localswarm.chat import (
    ChatRequest,
    Image,
    Message,
    Policy,
    Reasoning,
    ResponseFormat,
    Sampling,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    ToolSpec,
)
from localswarm.swarm.upstream.body import characters, of_chat, of_text

HI = ChatRequest("r", "swarm", (Message("user", (Text("Hi"),)),))
STREAM = {"stream": True, "stream_options": {"include_usage": True}}
F, G = ToolSpec("f", "does f", {"type": "object"}, strict=True), ToolSpec("g")


def body(count: int = 1, without: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return of_chat(replace(HI, **more), "m", count, without)


def test_what_a_client_left_open_stays_open() -> None:
    assert body() == {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **STREAM}


def test_all_that_can_be_asked() -> None:
    sampling = Sampling(0.1, 0.2, 3, 0.4, 1.1, 0.5, 0.6, 70, 8, ("x", "y"), ((9, -1.0),), 2, True)
    found = body(3, sampling=sampling)
    assert found.items() >= {
        "temperature": 0.1, "top_p": 0.2, "top_k": 3, "min_p": 0.4, "repeat_penalty": 1.1, "repetition_penalty": 1.1,
        "frequency_penalty": 0.5, "presence_penalty": 0.6, "max_tokens": 70, "seed": 8, "stop": ["x", "y"],
        "logit_bias": {"9": -1.0}, "logprobs": True, "top_logprobs": 2, "ignore_eos": True, "n": 3,
    }.items()  # fmt: skip
    assert not {"seed", "stream_options", "max_tokens"} & set(
        body(sampling=sampling, without=("seed", "stream_options", "max_tokens"))
    )
    assert body(sampling=sampling, without=("max_tokens",))["max_completion_tokens"] == 70


@pytest.mark.parametrize(
    ("choice", "names", "wire"),
    [
        (ToolChoice(), ["f", "g"], "auto"),
        (ToolChoice("none"), ["f", "g"], "none"),
        (ToolChoice("required"), ["f", "g"], "required"),
        (ToolChoice("required", ("g",)), ["g"], {"type": "function", "function": {"name": "g"}}),
        (ToolChoice("auto", ("f",)), ["f"], "auto"),
    ],
)
def test_tools(choice: ToolChoice, names: list[str], wire: object) -> None:
    found = body(tools=(F, G), tool_choice=choice)
    assert [tool["function"]["name"] for tool in found["tools"]] == names and found["tool_choice"] == wire
    assert "parallel_tool_calls" not in found
    assert body(tools=(F,), tool_choice=replace(choice, names=(), parallel=False))["parallel_tool_calls"] is False


def test_a_tool() -> None:
    first, second = body(tools=(F, G))["tools"]
    assert first == {
        "type": "function",
        "function": {"name": "f", "description": "does f", "parameters": {"type": "object"}, "strict": True},
    }
    assert second["function"]["parameters"] == {"type": "object", "properties": {}}


def test_messages() -> None:
    picture = Image("data:image/png;base64,AA==")
    calls = (ToolCall("1", "f", '{"a":1}'), ToolCall("2", "g", "{}"))
    conversation = (
        Message("system", (Text("Be"), Text(" brief."))),
        Message("user", (Text("What is this?"), picture)),
        Message("assistant", (Thinking("Hm."), *calls)),
        Message("tool", (ToolResult("1", "one"), ToolResult("2", "two", failed=True))),
        Message("assistant", (Text("Done."),)),
    )
    system, user, assistant, one, two, last = body(messages=conversation)["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    assert user["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": picture.url}},
    ]
    assert assistant["content"] is None and assistant["reasoning_content"] == "Hm."
    assert [(call["id"], call["function"]["arguments"]) for call in assistant["tool_calls"]] == [
        ("1", '{"a":1}'), ("2", "{}")]  # fmt: skip
    assert one == {"role": "tool", "tool_call_id": "1", "content": "one"} and two["tool_call_id"] == "2"
    assert last == {"role": "assistant", "content": "Done."}
    assert "reasoning_content" not in body(messages=conversation, without=("reasoning_content",))["messages"][2]


def test_forms_and_thinking() -> None:
    assert body(response_format=ResponseFormat({}))["response_format"] == {"type": "json_object"}
    assert body(response_format=ResponseFormat({"type": "string"}, "s", True))["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "s", "schema": {"type": "string"}, "strict": True},
    }
    assert body(reasoning=Reasoning("low"))["reasoning_effort"] == "low"
    off = body(reasoning=Reasoning(budget=0))
    assert off["reasoning_effort"] == "none" and off["chat_template_kwargs"] == {"enable_thinking": False}
    assert body(continue_last=True)["continue_final_message"] is True


def test_a_text_to_be_written_on() -> None:
    raw = replace(HI, messages=(), raw="one two", sampling=Sampling(logprobs=1, max_tokens=5), policy=Policy(2))
    assert of_text(raw, "m", 2) == {
        "model": "m", "prompt": "one two", "max_tokens": 5, "n": 2, "logprobs": 1, **STREAM}  # fmt: skip
    assert of_text(replace(raw, raw=(1, 2)), "m", 1)["prompt"] == [1, 2]
    assert characters(raw) == 7 and characters(HI) == 2
