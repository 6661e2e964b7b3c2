"""Web pages of other origins: which may, and what their browsers are told."""

from collections.abc import Iterator

import httpx
import pytest
from localswarm.api.guard import Access
from localswarm.api.origins import Origins

from ..swarm.scripted import ScriptedMember, says
from .serving import served

PAGE = "https://chat.example"
ASKING = {"origin": PAGE, "access-control-request-method": "POST"}


@pytest.mark.parametrize(
    "origin",
    [
        "vscode-webview://0f3a-2b",
        "vscode-file://vscode-app",
        "app://obsidian.md",
        "tauri://localhost",
        "http://tauri.localhost",
        "http://localhost",
        "https://localhost:5173",
        "http://127.0.0.1:8080",
        "http://[::1]:3000",
        "HTTP://LOCALHOST:3000",
    ],
)
def test_of_this_machine(origin: str) -> None:
    assert Origins().allow(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://evil.example:80@localhost",
        "http://localhost:3000@evil.example",
        "http://localhost:",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.7",
        "chrome-extension://abc",
        "file://",
        "null",
        "",
    ],
)
def test_of_others(origin: str) -> None:
    assert not Origins().allow(origin)


@pytest.mark.parametrize(
    ("named", "origin", "allowed"),
    [
        ("https://chat.example", "https://chat.example", True),
        ("https://chat.example", "http://chat.example", False),
        ("https://chat.example", "https://chat.example:8443", False),
        ("https://chat.example:*", "https://chat.example:8443", True),
        ("https://*.example", "https://chat.example", True),
        ("https://*.example", "https://evil.test:1@chat.example", False),
        ("chrome-extension://*", "chrome-extension://abc", True),
        ("https://a.b", "https://axb", False),
        ("*", "https://evil.example", True),
        ("null", "null", True),
    ],
)
def test_named(named: str, origin: str, allowed: bool) -> None:
    assert Origins([named]).allow(origin) is allowed


@pytest.fixture(scope="module")
def node() -> Iterator[httpx.Client]:
    access = Access("secret", origins=Origins([PAGE]))
    with served(ScriptedMember(says("hi")), access=access) as base, httpx.Client(base_url=base) as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/api/chat", "/no/such/route"])
def test_a_browser_that_asks_first_needs_no_key(node: httpx.Client, path: str) -> None:
    asked = ASKING | {"access-control-request-headers": "authorization, content-type"}
    answer = node.options(path, headers=asked)
    assert answer.status_code == 204 and answer.content == b""
    assert answer.headers["access-control-allow-origin"] == PAGE and answer.headers["vary"] == "Origin"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-private-network" not in answer.headers


def test_a_page_of_the_internet_may_reach_a_private_network(node: httpx.Client) -> None:
    answer = node.options("/v1/models", headers=ASKING | {"access-control-request-private-network": "true"})
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_a_page_that_may_not_is_told_so(node: httpx.Client) -> None:
    for headers in ({"origin": "https://evil.example"}, ASKING | {"origin": "https://evil.example"}):
        answer = node.options("/v1/models", headers=headers)
        assert answer.status_code == 403 and "--allow-origin" in answer.json()["error"]["message"]
        assert "access-control-allow-origin" not in answer.headers


def test_asking_without_a_preflight_is_a_request_as_any_other(node: httpx.Client) -> None:
    assert node.options("/v1/models", headers={"origin": PAGE}).status_code == 401
    assert node.options("/v1/models", headers={"authorization": "Bearer secret"}).status_code == 405


def test_answers_and_errors_can_be_read_streams_too(node: httpx.Client) -> None:
    said = {"model": "swarm", "messages": [{"role": "user", "content": "x"}]}
    key = {"origin": PAGE, "authorization": "Bearer secret"}
    answers = [
        node.post("/v1/chat/completions", json=said, headers=key),
        node.post("/v1/chat/completions", json=said | {"stream": True}, headers=key),
        node.post("/v1/chat/completions", json={}, headers=key),
        node.post("/v1/chat/completions", json=said, headers={"origin": PAGE}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 401]
    assert all(answer.headers["access-control-allow-origin"] == PAGE for answer in answers)


def test_our_own_page_and_programs_get_no_such_headers(node: httpx.Client) -> None:
    for origin in ({}, {"origin": str(node.base_url).rstrip("/")}):
        answer = node.get("/v1/models", headers={"authorization": "Bearer secret"} | origin)
        assert answer.status_code == 200 and "access-control-allow-origin" not in answer.headers
