"""All the routes together: each API's own shape of error, what is open without a key, and a page that tells of all."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from localswarm.api.app import create_app
from localswarm.api.guard import Access
from localswarm.swarm.answer import Swarm
from localswarm.swarm.routing import NODE_HEADER

from ..swarm.scripted import ScriptedMember, says
from .serving import served, serving

# (path, where its errors hold their message)
SHAPES = [
    ("/v1/chat/completions", ("error", "message")),
    ("/v1/messages", ("error", "message")),
    ("/v1/messages/count_tokens", ("error", "message")),
    ("/api/chat", ("error",)),
    ("/api/generate", ("error",)),
    ("/api/embed", ("error",)),
    ("/api/show", ("error",)),
    ("/tokenize", ("error", "message")),
]
BODIES = [b"", b"{", b"[1]", b"null", b'{"model": NaN}', b"\xff\xfe", b'{"a": "\\ud800"}', b'{"a":' * 100_000, b"{}"]


@pytest.fixture(scope="module")
def node() -> Iterator[httpx.Client]:
    with served(ScriptedMember(says("hi"))) as base, httpx.Client(base_url=base) as client:
        yield client


def message(body: Any, keys: tuple[str, ...]) -> str:
    for key in keys:
        body = body[key]
    assert isinstance(body, str) and body
    return body


@pytest.mark.parametrize(("path", "keys"), SHAPES)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
def test_rubbish_has_an_error_in_the_shape_of_its_api(
    node: httpx.Client, path: str, keys: tuple[str, ...], body: bytes
) -> None:
    answer = node.post(path, content=body)
    assert answer.status_code == 400 and message(answer.json(), keys)


@pytest.mark.parametrize(("path", "keys"), SHAPES)
def test_a_body_that_claims_to_be_text_is_refused(node: httpx.Client, path: str, keys: tuple[str, ...]) -> None:
    answer = node.post(path, content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 400 and "application/json" in message(answer.json(), keys)


@pytest.mark.parametrize(
    ("path", "method", "keys"),
    [
        ("/v1/messages", "GET", ("error", "message")),
        ("/api/chat", "GET", ("error",)),
        ("/api/v1/models", "POST", ("error", "message")),
        ("/api/blobs/x", "GET", ("error",)),
        ("/v1/messages/batches", "GET", ("error", "message")),
        ("/nowhere", "GET", ("error", "message")),
    ],
)
def test_unknown_routes_and_methods(node: httpx.Client, path: str, method: str, keys: tuple[str, ...]) -> None:
    answer = node.request(method, path)
    assert answer.status_code in (404, 405)
    assert path in message(answer.json(), keys)


def test_a_wrong_method_is_told_the_right_ones(node: httpx.Client) -> None:
    assert node.get("/v1/messages").headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/swarm", "/api/version", "/api/tags", "/health", "/"])
def test_head_is_get_without_the_body(node: httpx.Client, path: str) -> None:
    got, head = node.get(path), node.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(("path", "status"), [("/v1/chat/completions", 405), ("/nowhere", 404)])
def test_head_finds_nothing_where_get_finds_nothing(node: httpx.Client, path: str, status: int) -> None:
    assert (node.head(path).status_code, node.head(path).content) == (status, b"")


def test_there_is_no_compacting_of_responses(node: httpx.Client) -> None:
    answer = node.post("/v1/responses/compact", json={"model": "swarm", "input": "x"})
    assert answer.status_code == 404 and "/v1/responses/compact" in answer.json()["error"]["message"]


def test_anthropics_errors_say_that_they_are_errors(node: httpx.Client) -> None:
    wire = node.post("/v1/messages", json={}).json()
    assert wire["type"] == "error" and wire["error"]["type"] == "invalid_request_error"


def test_the_probe_of_claude_code(node: httpx.Client) -> None:
    answer = node.head("/")
    assert answer.status_code == 200 and answer.content == b""


def test_a_key_is_asked_for_in_the_shape_of_the_api_and_not_for_the_page() -> None:
    with served(ScriptedMember(says("hi")), key="secret") as base, httpx.Client(base_url=base) as client:
        for path, keys in SHAPES:
            refused = client.post(path, json={})
            assert refused.status_code == 401 and "key" in message(refused.json(), keys)
        assert client.get("/health").status_code == 401
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"origin": "https://evil.example"}).status_code == 403
        assert client.post("/v1/messages", json={}, headers={"x-api-key": "secret"}).status_code == 400


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return create_app(Swarm([ScriptedMember()]), Access(), "test").openapi()


def routes(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, route in methods.items():
            yield path, method, route


def test_the_page_of_routes_is_complete(openapi: dict[str, Any]) -> None:
    told = {f"{method.upper()} {path}" for path, method, _ in routes(openapi)}
    assert told >= {
        "POST /v1/messages", "POST /v1/messages/count_tokens",
        "POST /api/chat", "POST /api/generate", "POST /api/embed", "POST /api/embeddings", "GET /api/tags",
        "POST /api/show", "GET /api/ps", "GET /api/version", "POST /api/pull", "DELETE /api/delete",
        "GET /api/v1/models", "GET /api/v0/models",
        "GET /props", "GET /slots", "POST /tokenize", "POST /detokenize",
        "GET /health", "POST /v1/chat/completions", "GET /v1/models",
    }  # fmt: skip


def every(router: Any) -> Iterator[Any]:
    """Newer versions of FastAPI keep the routers that were added as they are."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        yield from every(inner) if inner else [route]


def test_no_route_is_missing_on_the_page(openapi: dict[str, Any]) -> None:
    app = create_app(Swarm([ScriptedMember()]), Access(), "test")
    found = [(route.path.replace(":path", ""), route.methods) for route in every(app.router)]
    there = {(path, method.lower()) for path, methods in found for method in methods}
    told = {(path, method) for path, method, _ in routes(openapi)}
    assert told <= there
    hidden = {path for path, method in there - told if method != "head"}
    assert hidden == {"/", "/docs", "/playground/{name}", "/openapi.json", "/v1/responses/compact"}
    assert all(route["summary"] and route["description"] for _, _, route in routes(openapi))


# OpenAI's routes have tests of their own.
HERE = {"anthropic", "ollama", "lmstudio", "llama.cpp", "node"}
REFUSED = {"/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete"}


def test_every_route_says_what_it_takes_and_gives(openapi: dict[str, Any]) -> None:
    for path, method, route in routes(openapi):
        if path in REFUSED or not HERE.intersection(route["tags"]):
            continue
        assert route["description"] and {"200", "4XX", "5XX"} <= set(route["responses"]), path
        if method == "post":
            schema = route["requestBody"]["content"]["application/json"]["schema"]
            assert schema["properties"] and schema["required"], path


def test_the_page_is_plain_data(openapi: dict[str, Any]) -> None:
    assert json.loads(json.dumps(openapi)) == openapi
    assert len({route["operationId"] for _, _, route in routes(openapi)}) == len(list(routes(openapi)))


SAID = {"messages": [{"role": "user", "content": "x"}]}
BY_BODY: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": SAID,
    "/v1/responses": {"input": "x"},
    "/v1/completions": {"prompt": "x"},
    "/v1/embeddings": {"input": "x"},
    "/v1/messages": SAID,
    "/v1/messages/count_tokens": SAID,
    "/tokenize": {"content": "x"},
    "/detokenize": {"tokens": [1]},
    "/api/chat": SAID,
    "/api/generate": {"prompt": "x"},
    "/api/embed": {"input": "x"},
    "/api/embeddings": {"prompt": "x"},
    "/api/show": {},
}
BY_PATH = ["/v1/models", "/api/v0/models"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("swarm", 200),
        ("Swarm:latest", 200),
        ("swarm:fast", 200),
        ("swarm:vote:latest", 200),
        ("swarm:slow", 404),
        ("scripted:latest", 200),
        ("Scripted:LATEST", 200),
        ("scripted:7b", 404),
        ("latest", 404),
    ],
)
def test_a_model_has_the_same_names_on_every_route(node: httpx.Client, name: str, status: int) -> None:
    by_body = {path: node.post(path, json=body | {"model": name}).status_code for path, body in BY_BODY.items()}
    by_path = {path: node.get(f"{path}/{name}").status_code for path in BY_PATH}
    assert by_body | by_path == dict.fromkeys([*BY_BODY, *BY_PATH], status)


def test_a_model_that_is_not_served_is_named_beside_those_that_are(node: httpx.Client) -> None:
    for answer in (node.get("/v1/models/gpt"), node.post("/v1/completions", json={"model": "gpt", "prompt": "x"})):
        assert "'gpt'" in answer.text and "'swarm', 'swarm:fast', 'swarm:vote', 'scripted'" in answer.text


@pytest.mark.parametrize(("key", "status"), [(None, 200), ("secret", 401)])
def test_the_list_of_models_tells_the_node_whatever_it_answers(key: str | None, status: int) -> None:
    """So a node that is told to ask itself knows it before it has a model, and without a key."""
    with serving(Swarm([ScriptedMember()], node="me"), Access(key)) as base:
        answer = httpx.get(f"{base}/v1/models")
        assert (answer.status_code, answer.headers.get(NODE_HEADER)) == (status, "me")
        assert NODE_HEADER not in httpx.get(f"{base}/health").headers


def test_a_body_that_is_announced_as_too_large_is_refused_before_it_is_sent() -> None:
    with served(ScriptedMember()) as base:
        for path, keys in (("/v1/chat/completions", {"error"}), ("/v1/messages", {"type", "error"})):
            with socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), timeout=10) as line:
                head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**9}\r\n\r\n"
                line.sendall(head.encode())
                status, _, body = line.recv(65536).decode().partition("\r\n\r\n")
            assert " 413 " in status and keys <= set(json.loads(body))


def test_a_model_that_is_not_there_is_told_to_anthropics_clients_in_their_form(node: httpx.Client) -> None:
    theirs = node.get("/v1/models/none", headers={"anthropic-version": "2023-06-01"})
    assert theirs.status_code == 404 and theirs.json()["type"] == "error"
    assert theirs.json()["error"]["type"] == "not_found_error"
    assert node.get("/v1/models/none").json()["error"]["code"] == "model_not_found"
    with serving(Swarm([ScriptedMember()]), Access("secret")) as base:
        refused = httpx.get(f"{base}/v1/models", headers={"anthropic-version": "2023-06-01"})
    assert refused.status_code == 401 and refused.json()["error"]["type"] == "authentication_error"


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/api/chat"])
def test_an_endless_name_of_a_model_is_not_said_again(node: httpx.Client, path: str) -> None:
    body = {"model": "x" * 100_000, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5}
    answer = node.post(path, json=body)
    assert answer.status_code == 404 and "xxx..." in answer.text and len(answer.content) < 500


def test_limits_are_told_as_whole_numbers(node: httpx.Client) -> None:
    answer = node.post("/detokenize", json={"tokens": [-1]})
    assert "must be between 0 and 2147483647, not -1" in answer.text
