"""Tools of the tool host through each API: asked for, used, shown and told."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from localswarm.api.guard import Access
from localswarm.chat import CallState, ToolCall
from localswarm.swarm.acting.acting import Acting
from localswarm.swarm.answer import Swarm

from ..swarm.acting.scenes import FakeHands, forever, path
from ..swarm.scripted import ScriptedMember, calls, says
from ..swarm.scripted import Step as Scripted
from .serving import serving

WISH = {"type": "swarm"}
LINE = 'read {"path": "a.py"} -> done, 2 lines\n'
TURNS = [{"role": "user", "content": "Do it."}]
Body = Callable[..., dict[str, Any]]
APIS: dict[str, tuple[str, Body]] = {
    "chat": ("/v1/chat/completions", lambda **more: {"messages": TURNS} | more),
    "responses": ("/v1/responses", lambda **more: {"input": "Do it."} | more),
    "messages": ("/v1/messages", lambda **more: {"messages": TURNS, "max_tokens": 500} | more),
    "ollama": ("/api/chat", lambda **more: {"model": "swarm", "messages": TURNS, "stream": False} | more),
}


def looks_then_says() -> Callable[[Any], Sequence[Scripted]]:
    def script(request: Any) -> Sequence[Scripted]:
        called = any(message.results for message in request.messages)
        return says("It works.") if called else calls("read", path("a.py"), text="I look.")

    return script


class Node:
    def __init__(self, address: str, hands: FakeHands, swarm: Swarm) -> None:
        self.client = httpx.Client(base_url=address, timeout=20)
        self.hands, self.swarm = hands, swarm

    def post(self, api: str, **more: Any) -> httpx.Response:
        where, body = APIS[api]
        return self.client.post(where, json=body(**more))


@pytest.fixture
def node() -> Iterator[Node]:
    hands = FakeHands()
    swarm = Swarm([ScriptedMember(looks_then_says())], acting=Acting(hands))
    with serving(swarm, Access()) as address:
        made = Node(address, hands, swarm)
        with made.client:
            yield made


def said(api: str, body: dict[str, Any]) -> tuple[str, str]:
    """Text and thoughts of a whole answer."""
    match api:
        case "chat":
            message = body["choices"][0]["message"]
            return message["content"], message["reasoning_content"]
        case "responses":
            thought, text = body["output"]
            return text["content"][0]["text"], thought["content"][0]["text"]
        case "messages":
            thought, text = body["content"]
            return text["text"], thought["thinking"]
    return body["message"]["content"], body["message"]["thinking"]


@pytest.mark.parametrize("more", [{"tools": [WISH]}, {"model": "swarm+tools"}, {"model": "swarm:vote+tools"}, {}])
@pytest.mark.parametrize("api", APIS)
def test_a_whole_answer(node: Node, api: str, more: dict[str, Any]) -> None:
    body = node.post(api, **more).json()
    assert said(api, body) == ("It works.", f"I look.\n{LINE}")
    (step,) = body["swarm"]["steps"]
    assert step == {
        "round": 1,
        "id": node.hands.asked[0].id,
        "tool": "read",
        "arguments": path("a.py"),
        "state": "done",
        "seconds": 0.25,
        "content": "read did it\nwell",
    }


def events(reply: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in reply.text.splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.parametrize("api", APIS)
def test_a_stream(node: Node, api: str) -> None:
    found = events(node.post(api, stream=True, tools=[WISH]))
    text = thought = ""
    for one in found:
        match api:
            case "chat":
                delta = one["choices"][0]["delta"]
                text += delta.get("content") or ""
                thought += delta.get("reasoning_content") or ""
            case "responses":
                text += one["delta"] if one["type"] == "response.output_text.delta" else ""
                thought += one["delta"] if one["type"] == "response.reasoning_text.delta" else ""
            case "messages":
                text += one.get("delta", {}).get("text", "")
                thought += one.get("delta", {}).get("thinking", "")
            case "ollama":
                text += one["message"]["content"]
                thought += one["message"].get("thinking", "")
    assert (text, thought) == ("It works.", f"I look.\n{LINE}")
    assert not any('"tool_calls"' in json.dumps(one) for one in found)


def test_its_kind_may_be_written_in_any_case(node: Node) -> None:
    assert node.post("chat", tools=[{"type": "Swarm"}]).json()["swarm"]["steps"]


def test_chat_streams_tell_each_step_beside_the_answer(node: Node) -> None:
    found = events(node.post("chat", stream=True, tools=[WISH]))
    (step,) = [one["swarm"]["step"] for one in found if "step" in one.get("swarm", {})]
    assert (step["round"], step["tool"], step["state"], step["seconds"]) == (1, "read", "done", 0.25)
    assert found[-1]["swarm"]["steps"] == [step]


@pytest.mark.parametrize("keeps", [True, False])
def test_the_record_of_an_answer_has_its_steps(node: Node, keeps: bool) -> None:
    made = node.post("chat", tools=[WISH], store=keeps).json()["id"]
    kept = node.client.get(f"/v1/swarm/requests/{made}").json()
    assert [step["content"] for step in kept.get("steps", [])] == (["read did it\nwell"] if keeps else [])


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (WISH | {"tools": "read"}, "tools"),
        (WISH | {"tools": [5]}, "tools[0]"),
        (WISH | {"tools": []}, "tools"),
        (WISH | {"max_rounds": 0}, "max_rounds"),
        (WISH | {"max_rounds": "8"}, "max_rounds"),
        (WISH | {"max_round": 8}, "max_round"),
    ],
)
@pytest.mark.parametrize("api", APIS)
def test_what_is_wrong_in_the_entry_is_named(node: Node, api: str, entry: dict[str, Any], field: str) -> None:
    reply = node.post(api, tools=[entry])
    assert reply.status_code == 400 and f"'tools[0].{field}'" in reply.text and not node.hands.asked


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"tools": [WISH, WISH]}, "second time"),
        ({"tools": [WISH | {"tools": ["fly"]}]}, "no tool 'fly'"),
    ],
)
def test_what_cannot_be_is_refused(node: Node, api: str, more: dict[str, Any], words: str) -> None:
    reply = node.post(api, **more)
    assert reply.status_code == 400 and words in reply.text


def test_several_answers_and_plain_texts_have_no_tools(node: Node) -> None:
    assert node.post("chat", tools=[WISH], n=2).status_code == 400
    written = node.client.post("/v1/completions", json={"model": "swarm+tools", "prompt": "Once"})
    assert written.status_code == 400 and "only written on" in written.text


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("more", [{"tools": [WISH]}, {"model": "scripted+tools"}])
def test_without_a_host_it_is_said_how_to_get_one(api: str, more: dict[str, Any]) -> None:
    with serving(Swarm([ScriptedMember(says("x"))]), Access()) as address:
        where, body = APIS[api]
        reply = httpx.post(address + where, json=body(**more))
        assert reply.status_code == 400 and "--tool-server" in reply.text and "--tool-host" in reply.text
        assert "swarm+tools" not in httpx.get(address + "/v1/models").text


def test_the_name_is_listed_while_there_are_tools(node: Node) -> None:
    asyncio.run(node.swarm.acting.look())
    listed = node.client.get("/v1/models").json()["data"]
    assert "swarm+tools" in [one["id"] for one in listed]
    assert "swarm+tools:latest" in node.client.get("/api/tags").text
    assert node.client.get("/v1/models/scripted+tools").json()["id"] == "scripted+tools"
    assert "swarm+tools" not in node.client.get("/v1/federation/health").text


def test_required_counts_the_tools_of_the_host(node: Node) -> None:
    assert node.post("chat", tools=[WISH], tool_choice="required").status_code == 200
    chosen = {"type": "function", "function": {"name": "read"}}
    assert node.post("chat", tools=[WISH | {"tools": ["read"]}], tool_choice=chosen).status_code == 200
    assert node.post("messages", tools=[WISH], tool_choice={"type": "any"}).status_code == 200


def test_who_leaves_ends_the_answer() -> None:
    begun, left = threading.Event(), threading.Event()

    async def slow(call: ToolCall) -> tuple[CallState, str]:
        begun.set()
        try:
            return await forever(call)
        finally:
            left.set()

    swarm = Swarm([ScriptedMember(calls("read", path("a.py")))], acting=Acting(FakeHands(slow)))
    with serving(swarm, Access()) as address:
        where, body = APIS["chat"]
        with httpx.Client() as client, client.stream("POST", address + where, json=body(stream=True)) as reply:
            next(reply.iter_lines())
            assert begun.wait(5)
        assert left.wait(5)
