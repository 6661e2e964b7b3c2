"""Requests from Anthropic's wire: honoured, refused by name, or ignored, but never something in between."""

import json
from typing import Any

import pytest
from localswarm.api.anthropic.request import Call, from_wire
from localswarm.chat import Message, Reasoning, ResponseFormat, Sampling, Text, ToolChoice, ToolSpec
from localswarm.errors import BadRequest, NotSupported

HELLO = [{"role": "user", "content": "hello"}]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
READ = {"name": "Read", "description": "Reads a file.", "input_schema": SCHEMA}
OFF = Reasoning("none")


def read(**fields: Any) -> Call:
    return from_wire({"messages": HELLO} | fields, "msg_1", "", ["swarm", "small"])


def test_the_least_that_is_needed() -> None:
    call = read()
    assert call.request.model == "swarm" and call.name == "swarm"
    assert call.request.messages == (Message("user", (Text("hello"),)),)
    assert call.request.sampling == Sampling() and call.request.reasoning == OFF
    assert not call.stream and not call.warnings


def test_everything_that_is_honoured() -> None:
    call = read(
        model="small", stream=True, max_tokens=9, stop_sequences=["x", "y"], temperature=0.5, top_p=0.9, top_k=7,
        tools=[READ], tool_choice={"type": "any", "disable_parallel_tool_use": True}, metadata={"user_id": "someone"},
    )  # fmt: skip
    assert call.stream and call.request.model == "small"
    assert call.request.sampling == Sampling(
        temperature=0.5, temperature_set=True, top_p=0.9, top_k=7, max_tokens=9, stop=("x", "y")
    )
    assert call.request.tools == (ToolSpec("Read", "Reads a file.", SCHEMA),)
    assert call.request.tool_choice == ToolChoice("required", (), parallel=False)
    assert call.request.session == "someone"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("claude-opus-4-8", "swarm"),
        ("Claude-3-5-haiku-latest", "swarm"),
        ("SMALL", "SMALL"),
        ("gpt-5", "gpt-5"),
        ("swarm", "swarm"),
    ],
)
def test_names_of_anthropics_mean_the_swarm_and_are_said_back(name: str, model: str) -> None:
    call = read(model=name)
    assert (call.request.model, call.name) == (model, name)


def test_a_served_model_that_is_called_claude_is_itself() -> None:
    assert from_wire({"messages": HELLO, "model": "claude-x"}, "id", "", ["Claude-X"]).request.model == "claude-x"


def test_the_header_names_the_session_better_than_the_user() -> None:
    body = {"messages": HELLO, "metadata": {"user_id": "u"}}
    assert from_wire(body, "id", "s1", []).request.session == "s1"


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        ({}, OFF),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}, OFF),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, Reasoning(None, 2048)),
        ({"thinking": {"type": "adaptive"}}, Reasoning()),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, Reasoning("low")),
        ({"thinking": {"type": "between_tools"}, "output_config": {"effort": "xhigh"}}, Reasoning("high")),
    ],
)
def test_thinking(fields: dict[str, Any], reasoning: Reasoning) -> None:
    assert read(**fields).request.reasoning == reasoning


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice()),
        ({"type": "auto"}, ToolChoice()),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice(parallel=False)),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "tool", "name": "Read"}, ToolChoice("required", ("Read",), parallel=False)),
    ],
)
def test_the_choice_of_tools(choice: Any, expected: ToolChoice) -> None:
    assert read(tools=[READ], tool_choice=choice).request.tool_choice == expected


def test_tools_of_anthropics_servers_are_left_out_with_a_word() -> None:
    call = read(tools=[{"type": "web_search_20250305", "name": "web_search"}, READ | {"type": "custom"}])
    assert [tool.name for tool in call.request.tools] == ["Read"]
    assert len(call.warnings) == 1 and "web_search_20250305" in call.warnings[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
    ],
)
def test_an_answer_in_json(fields: dict[str, Any]) -> None:
    assert read(**fields).request.response_format == ResponseFormat(SCHEMA, strict=True)


def test_what_speaks_of_anthropics_own_service_is_ignored() -> None:
    unknown: dict[str, Any] = {
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "service_tier": "auto", "container": None, "betas": ["x"], "cache_control": {"type": "ephemeral"},
        "diagnostics": {}, "speed": "fast", "zzz": [1], "mcp_servers": [],
    }  # fmt: skip
    assert read(**unknown) == read()


def test_null_is_the_same_as_absent() -> None:
    names = (
        "model system tools tool_choice thinking output_config metadata max_tokens stop_sequences temperature stream"
    )
    assert read(**dict.fromkeys(names.split())) == read()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"mcp_servers": [{"type": "url", "url": "https://x"}]}, "mcp_servers"),
        ({"messages": [{"role": "user", "content": [{"type": "container_upload"}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "base64"}}]}]},
            "messages[0].content[0].source.type",
        ),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(NotSupported) as refused:
        read(**fields)
    assert refused.value.param == name and name in refused.value.message


def content(role: str, *blocks: Any) -> dict[str, Any]:
    return {"messages": [*HELLO, {"role": role, "content": list(blocks)}]}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"messages": None}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": "hello"}, "messages"),
    ({"messages": ["hello"]}, "messages[0]"),
    ({"messages": [{"content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": 5, "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    (content("user", "x"), "messages[1].content[0]"),
    (content("user", {}), "messages[1].content[0].type"),
    (content("user", {"type": "text"}), "messages[1].content[0].text"),
    (content("user", {"type": "text", "text": 5}), "messages[1].content[0].text"),
    (content("user", {"type": "thinking", "thinking": "x"}), "messages[1].content[0].type"),
    (content("user", {"type": "tool_use", "id": "a", "name": "f", "input": {}}), "messages[1].content[0].type"),
    (content("assistant", {"type": "image", "source": {}}), "messages[1].content[0].type"),
    (content("assistant", {"type": "tool_use", "id": "a", "name": "f"}), "messages[1].content[0].input"),
    (content("assistant", {"type": "tool_use", "id": "a", "name": "f", "input": []}), "messages[1].content[0].input"),
    (content("assistant", {"type": "tool_use", "name": "f", "input": {}}), "messages[1].content[0].id"),
    (content("assistant", {"type": "tool_use", "id": "a", "name": "f", "input": {}}), "messages"),
    (content("user", {"type": "tool_result", "content": "x"}), "messages[1].content[0].tool_use_id"),
    (content("user", {"type": "tool_result", "tool_use_id": "nobody's"}), "messages[1].content[0].tool_use_id"),
    (content("user", {"type": "image"}), "messages[1].content[0].source"),
    (content("user", {"type": "image", "source": {"type": "base64"}}), "messages[1].content[0].source.media_type"),
    (content("user", {"type": "image", "source": {"type": "url", "url": 5}}), "messages[1].content[0].source.url"),
    ({"system": 5}, "system"),
    ({"system": [{"type": "text"}]}, "system[0].text"),
    ({"model": 5}, "model"),
    ({"stream": "yes"}, "stream"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": "many"}, "max_tokens"),
    ({"temperature": "hot"}, "temperature"),
    ({"temperature": 3}, "temperature"),
    ({"top_p": -1}, "top_p"),
    ({"top_k": 1.5}, "top_k"),
    ({"stop_sequences": "x"}, "stop_sequences"),
    ({"stop_sequences": [5]}, "stop_sequences[0]"),
    ({"stop_sequences": [""]}, "stop_sequences"),
    ({"stop_sequences": ["x"] * 17}, "stop_sequences"),
    ({"metadata": "x"}, "metadata"),
    ({"metadata": {"user_id": 5}}, "metadata.user_id"),
    ({"thinking": True}, "thinking"),
    ({"thinking": {}}, "thinking.type"),
    ({"thinking": {"type": "hard"}}, "thinking.type"),
    ({"thinking": {"type": "enabled", "budget_tokens": -1}}, "thinking.budget_tokens"),
    ({"thinking": {"type": "adaptive", "display": "loud"}}, "thinking.display"),
    ({"output_config": {"effort": "huge"}}, "output_config.effort"),
    ({"output_config": {"format": {"type": "xml"}}}, "output_config.format.type"),
    ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
    ({"tools": "x"}, "tools"),
    ({"tools": [5]}, "tools[0]"),
    ({"tools": [{"input_schema": SCHEMA}]}, "tools[0].name"),
    ({"tools": [READ | {"name": ""}]}, "tools[0].name"),
    ({"tools": [READ | {"name": "two words"}]}, "tools[0].name"),
    ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
    ({"tools": [READ | {"input_schema": True}]}, "tools[0].input_schema"),
    ({"tools": [READ | {"strict": "yes"}]}, "tools[0].strict"),
    ({"tools": [READ, READ]}, "tools[1].name"),
    ({"tools": [READ], "tool_choice": "auto"}, "tool_choice"),
    ({"tools": [READ], "tool_choice": {}}, "tool_choice.type"),
    ({"tools": [READ], "tool_choice": {"type": "maybe"}}, "tool_choice.type"),
    ({"tools": [READ], "tool_choice": {"type": "tool"}}, "tool_choice.name"),
    ({"tools": [READ], "tool_choice": {"type": "tool", "name": "Write"}}, "tool_choice.name"),
    ({"tool_choice": {"type": "any"}}, "tool_choice.type"),
]


@pytest.mark.parametrize(("fields", "name"), WRONG, ids=[json.dumps(fields)[:60] for fields, _ in WRONG])
def test_a_wrong_type_or_value_is_an_error_that_names_the_field(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**fields)
    assert refused.value.param == name
    assert f"'{name}'" in refused.value.message
