"""What /docs says and what is checked are the same: values that the schema refuses are refused, the others taken."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from localswarm.api.app import create_app
from localswarm.api.guard import Access
from localswarm.api.openai import chat, completions, embeddings
from localswarm.api.openai.responses import call as responses
from localswarm.api.openai.schemas import chat as chat_schemas
from localswarm.api.openai.schemas import completions as completion_schemas
from localswarm.api.openai.schemas import responses as response_schemas
from localswarm.errors import BadRequest
from localswarm.swarm.answer import Swarm

from tests.swarm.scripted import ScriptedMember

FUNCTION = {"name": "f", "parameters": {"type": "object"}}
HELLO = [{"role": "user", "content": "x"}]
ROUTES: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], Any], dict[str, Any]]] = {
    "chat": (chat_schemas.REQUEST, lambda body: chat.from_wire(body, "id"), {"messages": HELLO}),
    "completions": (completion_schemas.REQUEST, lambda body: completions.from_wire(body, "id"), {"prompt": "x"}),
    "embeddings": (completion_schemas.EMBEDDINGS_REQUEST, embeddings.from_wire, {"input": "x"}),
    "responses": (response_schemas.REQUEST, lambda body: responses.from_wire(body, "resp_1"), {"input": "x"}),
}
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 3, 200, 1.5, 10**30, "", "x", "auto", "required", "low", "float", [], ["x"], [""],
    [1], [[1]], [[]], [None], [True], {}, {"x": 1}, {"5": 1}, {"5": "x"}, {"type": "text"}, {"type": "json_object"},
    {"type": "json_schema"}, {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
    {"strategy": "vote"}, {"strategy": "best"}, {"candidates": 16, "patience_s": 0.5, "local_only": True},
    {"candidates": 17}, {"quorum": 0}, {"patience_s": -1}, {"patience_s": "4"}, {"local_only": None}, {"local": True},
    {"type": "json_schema", "name": "n", "schema": {}}, {"effort": "low"}, {"effort": "x"}, {"include_usage": True},
    {"include_usage": 1}, {"format": {"type": "text"}}, {"format": 5}, {"enable_thinking": False},
    {"enable_thinking": "no"}, {"type": "function", "function": {"name": 5}}, {"type": "function"},
    [{"type": "function", "function": FUNCTION}], [{"type": "function"} | FUNCTION], [FUNCTION], [{"type": "x"}],
    [{"type": "function", "function": {"name": "a b"}}], [{"type": "namespace", "name": "n", "tools": []}],
    [{"role": "user"}], HELLO, [{"role": "user", "content": [{"type": "text"}]}], [{"role": "tool", "content": "x"}],
    [{"type": "message", "role": "user", "content": "x"}], [{"type": "reasoning", "summary": []}],
    [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}], [{"type": "function_call"}],
    [{"type": "function_call", "call_id": "c", "name": "f", "arguments": {}}],
]  # fmt: skip
# A value can be well formed and wrong all the same: it needs another field, or is one of ours to refuse.
NEEDS_MORE = {
    ("chat", "top_logprobs"): "logprobs",
    ("chat", "continue_final_message"): "an assistant's message",
    ("chat", "tool_choice"): "tools",
    ("chat", "function_call"): "functions",
    ("responses", "tool_choice"): "tools",
    ("completions", "best_of"): "n",
}


def named(route: str, body: dict[str, Any]) -> str | None:
    """The field that a refusal names."""
    try:
        ROUTES[route][1](body)
    except BadRequest as error:
        return error.param or ""
    return None


@pytest.mark.parametrize("route", ROUTES)
def test_values_are_taken_or_refused_as_the_schema_says(route: str) -> None:
    schema, _, least = ROUTES[route]
    validator, wrong = Draft202012Validator(schema), []
    for field in schema["properties"]:
        ends = set()
        for value in VALUES:
            body = least | {field: value}
            said, fine = named(route, body), validator.is_valid(body)
            ends.add(fine)
            if fine and said is not None and (route, field) not in NEEDS_MORE:
                wrong.append(f"{field} = {json.dumps(value)[:80]}: the schema takes it, the reader refuses {said}")
            if not fine and (said is None or not said.startswith(field)):
                wrong.append(f"{field} = {json.dumps(value)[:80]}: the schema refuses it, the reader says {said}")
        if ends != {True, False}:
            wrong.append(f"{field}: the values here reach one end of it only, so it is not tested")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Swarm([ScriptedMember()]), Access(None), "test").openapi()


def test_every_route_says_what_it_takes_and_gives(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        if not path.startswith(("/v1/chat", "/v1/completions", "/v1/embeddings", "/v1/models", "/v1/responses")):
            continue
        for method, operation in methods.items():
            answers = operation["responses"]
            assert {"200", "4XX", "5XX"} <= set(answers), (path, method)
            assert answers["200"]["content"]["application/json"]["schema"]["properties"], (path, method)
            if method == "post":
                assert operation["requestBody"]["content"]["application/json"]["schema"]["properties"], path


def test_the_schemas_are_schemas() -> None:
    for schema, _, least in ROUTES.values():
        Draft202012Validator.check_schema(schema)
        assert Draft202012Validator(schema).is_valid(least)
