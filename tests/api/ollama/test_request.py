"""Requests from Ollama's wire: honoured, refused by name, or ignored, but never something in between."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from localswarm.api.ollama.request import Call, chat_from_wire, generate_from_wire
from localswarm.chat import (
    Image,
    Message,
    Reasoning,
    ResponseFormat,
    Sampling,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    ToolSpec,
)
from localswarm.errors import BadRequest, NotSupported

HELLO = [{"role": "user", "content": "hello"}]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
READ = {"type": "function", "function": {"name": "Read", "description": "Reads.", "parameters": SCHEMA}}
PNG = "iVBORw0KGgo="


def chat(**fields: Any) -> Call:
    return chat_from_wire({"model": "m", "messages": HELLO} | fields, "id")


def generate(**fields: Any) -> Call:
    return generate_from_wire({"model": "m", "prompt": "hello"} | fields, "id")


@pytest.mark.parametrize("read", [chat, generate])
def test_the_least_that_is_needed(read: Callable[..., Call]) -> None:
    call = read()
    assert call.request.messages == (Message("user", (Text("hello"),)),)
    assert call.request.sampling == Sampling() and call.request.reasoning == Reasoning()
    assert call.stream and not call.loads


@pytest.mark.parametrize("read", [chat, generate])
def test_everything_that_is_honoured(read: Callable[..., Call]) -> None:
    options = {
        "temperature": 0, "top_p": 0.5, "top_k": 7, "min_p": 0.1, "seed": 5, "num_predict": 9, "stop": ["x"],
        "repeat_penalty": 1.1, "presence_penalty": 1, "frequency_penalty": -1,
    }  # fmt: skip
    call = read(options=options, stream=False, format="json", think="low", logprobs=True, top_logprobs=3)
    assert not call.stream
    assert call.request.sampling == Sampling(0, 0.5, 7, 0.1, 1.1, -1, 1, 9, 5, ("x",), (), 3, temperature_set=True)
    assert call.request.response_format == ResponseFormat({})
    assert call.request.reasoning == Reasoning("low")


@pytest.mark.parametrize(("name", "model"), [("small:latest", "small"), ("qwen:7b", "qwen:7b"), ("small", "small")])
def test_a_tag_that_clients_add_is_taken_off(name: str, model: str) -> None:
    call = chat(model=name)
    assert (call.request.model, call.name) == (model, name)


@pytest.mark.parametrize(
    ("options", "sampling"),
    [
        ({"num_predict": -1}, Sampling()),
        ({"num_predict": -2}, Sampling()),
        ({"num_predict": 0}, Sampling()),
        ({"top_k": -1}, Sampling(top_k=0)),
        ({"temperature": 2.5}, Sampling(temperature=2.5, temperature_set=True)),
        ({"repeat_penalty": 0}, Sampling(repeat_penalty=1.0)),
        ({"repeat_penalty": 1e-300}, Sampling(repeat_penalty=0.01)),
        ({"seed": -1}, Sampling()),
        ({"stop": "END"}, Sampling(stop=("END",))),
        ({"stop": ""}, Sampling()),
        ({"num_ctx": 131072, "num_gpu": 99, "num_thread": 4, "use_mmap": True, "zzz": 1}, Sampling()),
        ({"mirostat": 0, "tfs_z": 1, "typical_p": 1.0}, Sampling()),
        (None, Sampling()),
    ],
)
def test_options_of_ollamas_own(options: Any, sampling: Sampling) -> None:
    assert chat(options=options).request.sampling == sampling


@pytest.mark.parametrize(
    ("think", "reasoning"),
    [(None, Reasoning()), (True, Reasoning()), (False, Reasoning("none")), ("high", Reasoning("high"))],
)
def test_thinking(think: Any, reasoning: Reasoning) -> None:
    assert chat(think=think).request.reasoning == reasoning


@pytest.mark.parametrize(
    ("wish", "expected"), [(None, None), ("", None), ("json", ResponseFormat({})), (SCHEMA, ResponseFormat(SCHEMA))]
)
def test_the_form_of_the_answer(wish: Any, expected: ResponseFormat | None) -> None:
    assert chat(format=wish).request.response_format == expected


def test_a_whole_round_of_tools_whose_results_carry_names_only() -> None:
    def called(name: str, **arguments: str) -> dict[str, Any]:
        return {"function": {"name": name, "arguments": arguments}}

    asked = chat(
        tools=[READ],
        messages=[
            *HELLO,
            {"role": "assistant", "thinking": "hm", "tool_calls": [called("Read", path="a"), called("List")]},
            {"role": "tool", "tool_name": "List", "content": "two files"},
            {"role": "tool", "name": "Read", "content": "bread"},
            {"role": "assistant", "content": None, "tool_calls": [called("Read") | {"id": "own"}]},
            {"role": "tool", "tool_call_id": "own", "content": "again"},
        ],
    ).request
    assert asked.tools == (ToolSpec("Read", "Reads.", SCHEMA),)
    assert asked.messages[1:] == (
        Message(
            "assistant", (Thinking("hm"), ToolCall("call_1", "Read", '{"path": "a"}'), ToolCall("call_2", "List", "{}"))
        ),
        Message("tool", (ToolResult("call_2", "two files", "List"),)),
        Message("tool", (ToolResult("call_1", "bread", "Read"),)),
        Message("assistant", (ToolCall("own", "Read", "{}"),)),
        Message("tool", (ToolResult("own", "again", "Read"),)),
    )


def test_a_tool_that_says_nothing_takes_nothing() -> None:
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    tools = [{"function": {"name": "a"}}, {"function": {"name": "b", "parameters": None}}]
    assert [one.schema for one in chat(messages=HELLO, tools=tools).request.tools] == [nothing, nothing]


def test_ids_that_nobody_knows_do_not_lose_a_result() -> None:
    calls = [{"function": {"name": "Read"}}, {"function": {"name": "List"}}]
    results = [{"role": "tool", "tool_call_id": f"new_{at}", "content": "x"} for at in (1, 2)]
    asked = chat(messages=[*HELLO, {"role": "assistant", "tool_calls": calls}, *results]).request.messages
    assert [message.results[0].name for message in asked[2:]] == ["Read", "List"]


def test_results_alone_behind_what_the_assistant_said() -> None:
    results = [{"role": "tool", "tool_name": "Read", "content": "bread"}, {"role": "tool", "content": "x"}]
    asked = chat(messages=[*HELLO, {"role": "assistant", "content": "I look."}, *results]).request.messages
    assert [message.results for message in asked[2:]] == [
        (ToolResult("call_1", "bread", "Read"),),
        (ToolResult("call_2", "x", ""),),
    ]


@pytest.mark.parametrize(
    ("start", "kind"), [(PNG, "png"), ("/9j/AAAA", "jpeg"), ("R0lGODlh", "gif"), ("UklGRAAA", "webp")]
)
def test_the_kind_of_a_picture_is_seen(start: str, kind: str) -> None:
    picture = Image(f"data:image/{kind};base64,{start}")
    assert chat(messages=[{"role": "user", "images": [start]}]).request.messages == (Message("user", (picture,)),)
    assert generate(images=[start]).request.messages == (Message("user", (Text("hello"), picture)),)


def test_a_prompt_with_a_system_text() -> None:
    asked = generate(system="be brief").request.messages
    assert [(message.role, message.text) for message in asked] == [("system", "be brief"), ("user", "hello")]


def test_a_raw_prompt_is_written_on() -> None:
    asked = generate(raw=True, system="ignored").request
    assert (asked.raw, asked.messages) == ("hello", ())


def test_an_assistants_last_message_is_written_on() -> None:
    assert chat(messages=[*HELLO, {"role": "assistant", "content": "I"}]).request.continue_last
    assert not chat().request.continue_last


@pytest.mark.parametrize("call", [chat(messages=[]), chat(messages=None), generate(prompt=""), generate(prompt=None)])
def test_nothing_asked_is_a_wish_to_load(call: Call) -> None:
    assert call.loads


def test_null_is_the_same_as_absent() -> None:
    assert chat(**dict.fromkeys(("stream", "options", "format", "think", "keep_alive", "tools", "logprobs"))) == chat()
    assert generate(**dict.fromkeys(("suffix", "template", "context", "raw", "images", "system"))) == generate()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"suffix": "x"}, "suffix"),
        ({"template": "{{ .Prompt }}"}, "template"),
        ({"context": [1, 2]}, "context"),
        ({"raw": True, "images": [PNG]}, "images"),
        ({"options": {"mirostat": 2}}, "options.mirostat"),
        ({"options": {"tfs_z": 0.5}}, "options.tfs_z"),
        ({"options": {"typical_p": 0.5}}, "options.typical_p"),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(NotSupported) as refused:
        generate(**fields)
    assert refused.value.param == name and name in refused.value.message


BOTH: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, "model"),
    ({"model": ""}, "model"),
    ({"model": 5}, "model"),
    ({"stream": "yes"}, "stream"),
    ({"think": "deeply"}, "think"),
    ({"think": 5}, "think"),
    ({"format": "xml"}, "format"),
    ({"format": [1]}, "format"),
    ({"keep_alive": True}, "keep_alive"),
    ({"keep_alive": {}}, "keep_alive"),
    ({"logprobs": 5}, "logprobs"),
    ({"top_logprobs": 50}, "top_logprobs"),
    ({"options": "hot"}, "options"),
    ({"options": {"temperature": "hot"}}, "options.temperature"),
    ({"options": {"temperature": -1}}, "options.temperature"),
    ({"options": {"top_p": 2}}, "options.top_p"),
    ({"options": {"top_k": -2}}, "options.top_k"),
    ({"options": {"min_p": "x"}}, "options.min_p"),
    ({"options": {"num_predict": -3}}, "options.num_predict"),
    ({"options": {"num_predict": 1.5}}, "options.num_predict"),
    ({"options": {"num_ctx": "large"}}, "options.num_ctx"),
    ({"options": {"seed": 10**30}}, "options.seed"),
    ({"options": {"stop": 5}}, "options.stop"),
    ({"options": {"stop": [5]}}, "options.stop[0]"),
    ({"options": {"stop": [""]}}, "options.stop"),
    ({"options": {"stop": ["x"] * 17}}, "options.stop"),
    ({"options": {"repeat_penalty": -1}}, "options.repeat_penalty"),
]
CHAT: list[tuple[dict[str, Any], str]] = [
    ({"messages": "hello"}, "messages"),
    ({"messages": ["hello"]}, "messages[0]"),
    ({"messages": [{"content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "images": "x"}]}, "messages[0].images"),
    ({"messages": [{"role": "user", "images": ["no base64"]}]}, "messages[0].images[0]"),
    ({"messages": [{"role": "assistant", "tool_calls": {}}]}, "messages[0].tool_calls"),
    ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, "messages[0].tool_calls[0].function"),
    (
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]},
        "messages[0].tool_calls[0].function.arguments",
    ),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
    ({"messages": [*HELLO, {"role": "tool", "tool_name": "f", "content": "x"}]}, "messages[1].role"),
    ({"tools": {}}, "tools"),
    ({"tools": [{}]}, "tools[0].function"),
    ({"tools": [{"function": {}}]}, "tools[0].function.name"),
    ({"tools": [{"function": {"name": ""}}]}, "tools[0].function.name"),
    ({"tools": [{"function": {"name": "f", "parameters": []}}]}, "tools[0].function.parameters"),
    ({"tools": [READ | {"type": "web_search"}]}, "tools[0].type"),
    ({"tools": [READ, READ]}, "tools"),
]
GENERATE: list[tuple[dict[str, Any], str]] = [
    ({"prompt": 5}, "prompt"),
    ({"system": []}, "system"),
    ({"raw": "yes"}, "raw"),
    ({"images": [5]}, "images[0]"),
]
WRONG = [(chat, *case) for case in BOTH + CHAT] + [(generate, *case) for case in BOTH + GENERATE]


@pytest.mark.parametrize(
    ("read", "fields", "name"), WRONG, ids=[f"{read.__name__} {json.dumps(fields)[:60]}" for read, fields, _ in WRONG]
)
def test_a_wrong_type_or_value_is_an_error_that_names_the_field(
    read: Callable[..., Call], fields: dict[str, Any], name: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**fields)
    assert refused.value.param == name
    assert f"'{name}'" in refused.value.message
