"""Every API tells of the vote, and the whole of it is looked up under the id of the answer."""

import json
from typing import Any

import httpx
import pytest
from localswarm.chat import Policy

from ..choosing import VERDICT, choosing, told

HELLO = [{"role": "user", "content": "x"}]
WISH = {"strategy": "vote", "candidates": 3}
# (path, body)
ROUTES: list[tuple[str, dict[str, Any]]] = [
    ("/v1/chat/completions", {"messages": HELLO}),
    ("/v1/completions", {"prompt": "x"}),
    ("/v1/responses", {"input": "x"}),
    ("/v1/messages", {"messages": HELLO, "max_tokens": 9}),
    ("/api/chat", {"model": "swarm:vote", "messages": HELLO, "stream": False}),
    ("/api/generate", {"model": "swarm:vote", "prompt": "x", "stream": False}),
]
each_route = pytest.mark.parametrize(("path", "body"), ROUTES, ids=[path for path, _ in ROUTES])


@each_route
def test_a_whole_answer_tells_how_it_was_chosen(path: str, body: dict[str, Any]) -> None:
    with choosing() as (url, swarm):
        answer = httpx.post(f"{url}{path}", json=body | {"swarm": WISH})
        kept = httpx.get(f"{url}/v1/swarm/requests/{answer.headers['x-swarm-request']}").json()
    wire = answer.json()
    said = wire["swarm"]
    assert (said["method"], said["kind"], said["requested"], said["valid"]) == ("vote", "short", 4, 3)
    assert said["id"] == answer.headers["x-swarm-request"] == kept["id"] == wire.get("id", said["id"])
    names = ("kind", "method", "votes", "agreement")
    assert [answer.headers[f"x-swarm-{name}"] for name in names] == ["short", "vote", "3/4", "0.808"]
    assert "is 41" not in answer.text, "what the others said is not beside the answer"
    assert [ballot["message"] and ballot["message"]["text"] for ballot in kept["ballots"]][1] == "It is 41."
    assert swarm.asked[0].policy == Policy(1, "vote", 3)


@each_route
def test_a_stream_has_its_id_at_once_and_the_vote_in_one_event(path: str, body: dict[str, Any]) -> None:
    with choosing() as (url, _), httpx.stream("POST", f"{url}{path}", json=body | {"stream": True}) as answer:
        name = answer.headers["x-swarm-request"]
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if "{" in line]
    holders = [event["response"] if "sequence_number" in event and "response" in event else event for event in events]
    found = [one["swarm"] for one in holders if "swarm" in one]
    assert [one["id"] for one in found] == [name] and len(found[0]["ballots"]) == 4


def test_the_finish_reason_and_the_vote_come_in_one_chunk() -> None:
    with choosing() as (url, _):
        body = {"messages": HELLO, "stream": True}
        lines = httpx.post(f"{url}/v1/chat/completions", json=body).text.split("\n\n")
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    ends = [chunk for chunk in chunks if chunk["choices"][0]["finish_reason"]]
    assert len(ends) == 1 and ends[0]["swarm"]["winner"] == 0
    assert all("swarm" not in chunk for chunk in chunks[:-1])


def test_headers_are_wishes_too() -> None:
    headers = {"X-Swarm-Strategy": "vote", "X-Swarm-Candidates": "7"}
    with choosing() as (url, swarm):
        for path, body in ROUTES:
            assert httpx.post(f"{url}{path}", json=body, headers=headers).status_code == 200
        wrong = [httpx.post(f"{url}{path}", json=body, headers={"X-Swarm-Candidates": "x"}) for path, body in ROUTES]
    assert [request.policy for request in swarm.asked] == [Policy(1, "vote", 7)] * len(ROUTES)
    assert all(answer.status_code == 400 and "X-Swarm-Candidates" in answer.text for answer in wrong)


@each_route
def test_a_wrong_wish_is_named(path: str, body: dict[str, Any]) -> None:
    with choosing() as (url, _):
        answer = httpx.post(f"{url}{path}", json=body | {"swarm": {"candidates": 99}})
    assert answer.status_code == 400 and "'swarm.candidates' must be between 1 and 16, not 99" in answer.text


@pytest.mark.parametrize(("path", "body"), [ROUTES[0], ROUTES[2]])
def test_what_shall_not_be_stored_leaves_no_texts(path: str, body: dict[str, Any]) -> None:
    with choosing() as (url, _):
        name = httpx.post(f"{url}{path}", json=body | {"store": False}).json()["id"]
        kept = httpx.get(f"{url}/v1/swarm/requests/{name}")
    assert kept.status_code == 200 and "is 41" not in kept.text and kept.json()["method"] == "vote"


def test_the_latest_in_short() -> None:
    with choosing() as (url, _):
        names = [httpx.post(f"{url}/v1/chat/completions", json={"messages": HELLO}).json()["id"] for _ in range(2)]
        listed = httpx.get(f"{url}/v1/swarm/requests").json()
    assert [one["id"] for one in listed["data"]] == names[::-1]
    assert (listed["data"][0]["seat"], listed["data"][0]["method"]) == ("otter", "vote")
    assert "ballots" not in listed["data"][0] and "is 42" not in json.dumps(listed)


def test_several_prompts_are_looked_up_one_by_one() -> None:
    with choosing() as (url, _):
        answer = httpx.post(f"{url}/v1/completions", json={"prompt": ["x", "y"]}).json()
        found = [httpx.get(f"{url}/v1/swarm/requests/{answer['id']}{more}").status_code for more in ("", "-1", "-2")]
    assert "swarm" not in answer and found == [200, 200, 404]


def test_what_is_not_known_is_an_error_in_the_shape_of_openai() -> None:
    with choosing() as (url, _):
        answer = httpx.get(f"{url}/v1/swarm/requests/chatcmpl-1")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (404, "not_found", "request_id")
    assert "'chatcmpl-1'" in error["message"]


def test_a_key_is_needed_here_as_everywhere() -> None:
    with choosing(key="secret") as (url, _):
        for path in ("/v1/swarm/requests", "/v1/swarm/requests/x"):
            assert httpx.get(f"{url}{path}").status_code == 401
            assert httpx.get(f"{url}{path}", headers={"x-api-key": "secret"}).status_code in (200, 404)


def test_without_a_verdict_nothing_is_said() -> None:
    with choosing(told(None)) as (url, _):
        for path, body in ROUTES:
            answer = httpx.post(f"{url}{path}", json=body)
            assert "swarm" not in answer.json() and "x-swarm-method" not in answer.headers
        assert httpx.get(f"{url}/v1/swarm/requests").json()["data"] == []


def test_every_api_knows_the_swarms_names() -> None:
    names = ["swarm", "swarm:fast", "swarm:vote", "scripted"]
    with choosing() as (url, _):
        assert [model["id"] for model in httpx.get(f"{url}/v1/models").json()["data"]] == names
        tags = [model["name"] for model in httpx.get(f"{url}/api/tags").json()["models"]]
        assert tags == ["swarm:latest", "swarm:fast", "swarm:vote", "scripted:latest"]


def test_the_verdict_of_the_tests_is_one() -> None:
    assert VERDICT.won and VERDICT.won.valid and VERDICT.valid == 3
