"""A vote that ends in an error: in each API the client can look up what came of it."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from localswarm.errors import UpstreamFault

from ...swarm.polled import Named
from ...swarm.scripted import Step, says
from ..serving import served

ASK = [{"role": "user", "content": "Is it?"}]
FIRM = {"strategy": "vote", "quorum": 3, "candidates": 3}
SYNTH = {"strategy": "synth", "candidates": 2}
ROUTES: list[tuple[str, dict[str, Any]]] = [
    ("/v1/chat/completions", {"model": "swarm", "messages": ASK}),
    ("/v1/responses", {"model": "swarm", "input": "Is it?"}),
    ("/v1/messages", {"model": "swarm", "messages": ASK, "max_tokens": 50}),
    ("/api/chat", {"model": "swarm", "messages": ASK}),
    ("/api/generate", {"model": "swarm", "prompt": "Is it?"}),
]
IDS = [path for path, _ in ROUTES]


def members(*steps: list[Step]) -> list[Named]:
    return [Named(f"m{at}", one) for at, one in enumerate(steps)]


def writing(name: str, written: list[Step]) -> Named:
    """`written`: of what it writes out of several answers."""
    return Named(name, lambda asked: written if asked.id.endswith("-synth") else says(f"I am {name}."))


def looked_up(url: str, headers: Mapping[str, str]) -> Any:
    return httpx.get(f"{url}/v1/swarm/requests/{headers['x-swarm-request']}").json()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("path", "body"), ROUTES, ids=IDS)
def test_a_missed_quorum_can_be_looked_up(path: str, body: dict[str, Any], stream: bool) -> None:
    with served(*members([*says("Yes.")[:1], UpstreamFault("Gone.")], [UpstreamFault("Away.")])) as url:
        failed = httpx.post(f"{url}{path}", json=body | {"swarm": FIRM, "stream": stream})
        if not stream:
            assert failed.status_code == 503 and "valid answers were asked for" in failed.text
        kept = looked_up(url, failed.headers)
        (listed,) = httpx.get(f"{url}/v1/swarm/requests").json()["data"]
    assert (kept["kind"], kept["method"], kept["winner"], kept["valid"]) == ("prose", "none", None, 0)
    assert kept["requested"] == len(kept["ballots"])
    assert {one["why"] for one in kept["ballots"]} == {"Gone.", "Away."}
    assert "valid answers were asked for" in kept["warnings"][0]
    assert (listed["method"], listed["seat"]) == ("none", "")


def test_an_error_before_anything_was_told_names_the_request_also_of_a_stream() -> None:
    with served(*members([UpstreamFault("Gone.")])) as url:
        body = {"model": "swarm:vote", "messages": ASK, "stream": True}
        failed = httpx.post(f"{url}/v1/chat/completions", json=body)
        assert failed.status_code == 502
        assert looked_up(url, failed.headers)["ballots"][0]["why"] == "Gone."


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("path", "body"), ROUTES, ids=IDS)
def test_one_written_out_of_several_in_each_api(path: str, body: dict[str, Any], stream: bool) -> None:
    both = [writing(name, says("Both ", "are.")) for name in ("one", "two")]
    with served(*both) as url:
        answer = httpx.post(f"{url}{path}", json=body | {"swarm": SYNTH, "stream": stream})
        kept = looked_up(url, answer.headers)
    assert answer.status_code == 200
    said = "".join(answer.text.split())
    assert "Both" in said and "are." in said and "Iam" not in said, "nothing of the others is told"
    assert (kept["method"], kept["winner"], kept["requested"]) == ("synth", 2, 3)
    assert kept["ballots"][2]["message"]["text"] == "Both are."
    if not stream:
        assert (answer.headers["x-swarm-method"], answer.headers["x-swarm-votes"]) == ("synth", "3/3")


def test_a_writer_that_dies_after_words_ends_the_stream_in_an_error() -> None:
    both = [writing(name, [*says("Both")[:2], UpstreamFault("Gone.")]) for name in ("one", "two")]
    with served(*both) as url:
        for path, body in ROUTES:
            answer = httpx.post(f"{url}{path}", json=body | {"swarm": SYNTH, "stream": True})
            assert answer.status_code == 200 and "Both" in answer.text and "Gone." in answer.text
            kept = looked_up(url, answer.headers)
            assert (kept["method"], kept["valid"], kept["ballots"][2]["why"]) == ("none", 2, "Gone.")
