"""`/v1/tools`: which tools there are, and one call of one of them."""

import json
from typing import Any, get_args

import httpx
import pytest
from localswarm.api.app import create_app
from localswarm.api.fields import Fields
from localswarm.api.guard import Access
from localswarm.api.origins import Origins
from localswarm.api.tools.wire import ERRORS, from_wire
from localswarm.chat import CallState, ToolCall
from localswarm.swarm.answer import Swarm

from ...swarm.scripted import ScriptedMember
from ..serving import listening, served
from .scripted import DOT, ECHO, ScriptedTools

EXECUTE = "/v1/tools/execute"
CALL = {"tool": "echo", "arguments": {"text": "hi"}, "id": "1"}


def app(tools: ScriptedTools, access: Access | None = None) -> Any:
    return create_app(Swarm([ScriptedMember()]), access or Access(), "test", tools=tools)


def test_the_list() -> None:
    with listening(app(ScriptedTools())) as base:
        said = httpx.get(f"{base}/v1/tools").json()
    assert said["data"] == [{"name": "echo", "description": ECHO.description, "schema": ECHO.schema}]


def test_a_call_and_what_came_of_it() -> None:
    tools = ScriptedTools("done", "denied")
    with listening(app(tools)) as base:
        done, denied = (httpx.post(base + EXECUTE, json=CALL).json() for _ in range(2))
    assert done == {"id": "1", "ok": True, "state": "done", "content": "said", "images": [DOT], "error": None}
    assert denied == {"id": "1", "ok": False, "state": "denied", "content": "said", "error": ERRORS["denied"]}
    assert tools.called == [(ToolCall("1", "echo", json.dumps({"text": "hi"})), "127.0.0.1")] * 2


def test_every_end_but_the_good_one_has_its_words() -> None:
    assert set(ERRORS) == set(get_args(CallState)) - {"done"}


def test_the_order_of_arguments_makes_no_other_call() -> None:
    one, other = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    first, second = (from_wire(Fields({"tool": "t", "id": "1", "arguments": given})) for given in (one, other))
    assert first == second


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        (b"", None, "empty"),
        (b"[1]", None, "must be a JSON object"),
        (b'{"tool": "echo", "id": "1", "arguments": {"a": NaN}}', None, "NaN"),
        ({}, "tool", "'tool' is required"),
        ({"tool": 7, "id": "1"}, "tool", "'tool' must be a string, not a number"),
        ({"tool": "echo"}, "id", "'id' is required"),
        ({"tool": "echo", "id": 1}, "id", "'id' must be a string, not a number"),
        ({"tool": "echo", "id": ""}, "id", "1 to 200 characters"),
        ({"tool": "echo", "id": "x" * 201}, "id", "1 to 200 characters"),
        ({"tool": "echo", "id": "1", "arguments": '{"text": "hi"}'}, "arguments", "must be an object, not a string"),
        ({"tool": "echo", "id": "1", "arguments": ["hi"]}, "arguments", "must be an object, not an array"),
    ],
)
def test_rubbish_is_refused_and_nothing_is_called(body: Any, param: str | None, words: str) -> None:
    tools = ScriptedTools()
    with listening(app(tools)) as base:
        given = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = httpx.post(base + EXECUTE, content=given)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param) and words in error["message"]
    assert not tools.called


def test_a_node_without_tools_says_what_makes_it_have_some() -> None:
    with served(ScriptedMember()) as base:
        for answer in (httpx.get(f"{base}/v1/tools"), httpx.post(base + EXECUTE, json=CALL)):
            assert answer.status_code == 404 and "--tool-server --root" in answer.json()["error"]["message"]


@pytest.mark.parametrize("allowed", [(), ("https://page.example",), ("*",)])
def test_no_web_page_may_call_even_one_that_may_use_models(allowed: tuple[str, ...]) -> None:
    tools = ScriptedTools()
    page = {"origin": "https://page.example"}
    with listening(app(tools, Access(origins=Origins(allowed)))) as base:
        assert httpx.post(base + EXECUTE, json=CALL, headers=page).status_code == 403
        assert httpx.get(f"{base}/v1/tools", headers=page).status_code == 403
        assert httpx.get(f"{base}/v1/models", headers=page).status_code == (200 if allowed else 403)
        assert not tools.called
        assert httpx.post(base + EXECUTE, json=CALL, headers={"origin": base}).status_code == 200, "our own page"


def test_a_key_is_asked_for() -> None:
    tools = ScriptedTools("done")
    with listening(app(tools, Access("secret"))) as base:
        assert httpx.post(base + EXECUTE, json=CALL).status_code == 401 and not tools.called
        allowed = httpx.post(base + EXECUTE, json=CALL, headers={"authorization": "Bearer secret"})
    assert allowed.json()["ok"] is True
