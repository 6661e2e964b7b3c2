"""Tools of the tool host through each API: asked for, used, shown and told."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import anthropic
import httpx
import openai
import pytest
from localswarm.api.guard import Access
from localswarm.chat import Accepted, CallState, Finished, ToolCall, ToolCallDelta, Usage
from localswarm.errors import EngineDied
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


def dies_behind_a_call(request: Any) -> Sequence[Scripted]:
    called = any(message.results for message in request.messages)
    return [EngineDied("It died.")] if called else calls("bash", path("a.py"))


@pytest.mark.parametrize("api", ["chat", "responses", "messages"])
def test_no_client_makes_the_calls_again_by_itself(api: str) -> None:
    """Their own libraries send what failed on our side a second and a third time."""
    hands = FakeHands()
    swarm = Swarm([ScriptedMember(dies_behind_a_call)], acting=Acting(hands))
    with serving(swarm, Access()) as address:
        of_openai = openai.OpenAI(base_url=f"{address}/v1", api_key="x")
        of_anthropic = anthropic.Anthropic(base_url=address, api_key="x")
        with of_openai, of_anthropic, pytest.raises((openai.APIStatusError, anthropic.APIStatusError)) as failed:
            match api:
                case "chat":
                    of_openai.chat.completions.create(model="swarm", messages=[{"role": "user", "content": "Do it."}])
                case "responses":
                    of_openai.responses.create(model="swarm", input="Do it.")
                case _:
                    of_anthropic.messages.create(
                        model="swarm", max_tokens=50, messages=[{"role": "user", "content": "Do it."}]
                    )
    assert isinstance(failed.value, openai.APIStatusError | anthropic.APIStatusError)
    assert failed.value.status_code == 424 and "had been used" in str(failed.value) and len(hands.asked) == 1


SCHEMA = {"type": "object", "properties": {"command": {"type": "string"}}}
OWN = ("Shell", "deploy", "notify")
AS_FUNCTIONS = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in OWN]
DECLARED: dict[str, list[dict[str, Any]]] = {
    "chat": AS_FUNCTIONS,
    "responses": [{"type": "function", "name": name, "parameters": SCHEMA} for name in OWN],
    "messages": [{"name": name, "input_schema": SCHEMA} for name in OWN],
    "ollama": AS_FUNCTIONS,
}


def mixed(request: Any) -> Sequence[Scripted]:
    """A call for each of the two executors, and one more for the client."""
    if any(message.results for message in request.messages):
        return says("It works.")
    deltas = [ToolCallDelta(at, "{}", f"m{at}", name) for at, name in enumerate(("deploy", "bash", "notify"))]
    return [Accepted(5), *deltas, Finished("tool_calls", Usage(5, 3))]


def made(api: str, body: dict[str, Any]) -> list[str]:
    """The calls that a client is to make."""
    match api:
        case "chat":
            return [one["function"]["name"] for one in body["choices"][0]["message"]["tool_calls"]]
        case "responses":
            return [one["name"] for one in body["output"] if one["type"] == "function_call"]
        case "messages":
            return [one["name"] for one in body["content"] if one["type"] == "tool_use"]
    return [one["function"]["name"] for one in body["message"]["tool_calls"]]


@pytest.mark.parametrize("api", APIS)
def test_tools_of_clients_that_are_executed_here(api: str) -> None:
    hands = FakeHands()
    member = ScriptedMember(mixed)
    with serving(Swarm([member], acting=Acting(hands, instead=True)), Access()) as address:
        where, body = APIS[api]
        asked = body(tools=DECLARED[api])
        reply = httpx.post(address + where, json=asked).json()
        streamed = httpx.post(address + where, json=asked | {"stream": True}).text
    assert made(api, reply) == ["deploy", "notify"] and [call.name for call in hands.asked] == ["bash", "bash"]
    assert [tool.name for tool in member.asked[0].tools] == ["deploy", "notify", "bash"]
    assert "deploy" in streamed and "bash did it" not in streamed.partition('"steps"')[0].partition('"step"')[0]
    assert "bash {} -> done, 2 lines" in json.dumps(reply)


def test_items_that_come_back_one_by_one_are_still_those_of_one_answer() -> None:
    """As clients of the responses send them: each call with its result behind it."""
    member = ScriptedMember(mixed)
    with serving(Swarm([member], acting=Acting(FakeHands(), instead=True)), Access()) as address:
        asked: dict[str, Any] = {"tools": DECLARED["responses"], "input": [{"role": "user", "content": "Do it."}]}
        output = httpx.post(f"{address}/v1/responses", json=asked).json()["output"]
        for item in output:
            if item["type"] == "function_call":
                result = {"type": "function_call_output", "call_id": item["call_id"], "output": item["name"]}
                asked["input"] += [item, result]
        httpx.post(f"{address}/v1/responses", json=asked)
    seen = member.asked[-1].messages
    assert [call.name for message in seen for call in message.calls] == ["deploy", "bash", "notify"]
    assert [one.content for message in seen for one in message.results] == ["bash did it\nwell", "deploy", "notify"]


def test_several_answers_leave_the_tools_to_the_client() -> None:
    hands = FakeHands()
    script = [*calls("Shell", "{}"), Finished("tool_calls", Usage(5, 2), 1)]
    with serving(Swarm([ScriptedMember(script)], acting=Acting(hands, instead=True)), Access()) as address:
        where, body = APIS["chat"]
        reply = httpx.post(address + where, json=body(tools=AS_FUNCTIONS, n=2))
    assert reply.status_code == 200 and len(reply.json()["choices"]) == 2 and not hands.asked
    assert made("chat", reply.json()) == ["Shell"]
