"""The official libraries take answers that tell of a vote, and ask for one, in ways of their own."""

import anthropic
import httpx
import ollama
import openai
import pytest
from localswarm.chat import Policy

from ..api.choosing import choosing

MODEL = "swarm:vote"
WISH = {"strategy": "vote", "candidates": 3, "quorum": 2}
VOTING = Policy(1, "vote", 3, 2)


@pytest.fixture(params=[False, True], ids=["loose", "strict"])
def strict(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def opened(url: str, strict: bool) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0, _strict_response_validation=strict)


def test_openais_chat(strict: bool) -> None:
    with choosing() as (url, swarm), opened(url, strict) as client:
        said = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "x"}], extra_body={"swarm": WISH}
        )
        chunks = list(
            client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "x"}], stream=True)
        )
    assert said.choices[0].message.content == "It is 42." and said.model == MODEL
    assert said.model_extra and said.model_extra["swarm"]["method"] == "vote"
    assert swarm.asked[0].policy == VOTING and swarm.asked[1].policy == Policy()
    (end,) = [chunk for chunk in chunks if chunk.choices[0].finish_reason]
    assert end.model_extra and end.model_extra["swarm"]["id"] == end.id


def test_openais_headers(strict: bool) -> None:
    with choosing() as (url, _), opened(url, strict) as client:
        raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=[{"role": "user", "content": "x"}])
        found = client.get(f"/swarm/requests/{raw.headers['x-swarm-request']}", cast_to=httpx.Response)
    assert found.json()["ballots"][0]["message"]["text"] == "It is 42." and raw.parse().choices


def test_openais_responses(strict: bool) -> None:
    with choosing() as (url, swarm), opened(url, strict) as client:
        said = client.responses.create(model=MODEL, input="x", extra_body={"swarm": WISH})
        again = client.responses.retrieve(said.id)
        with client.responses.stream(model=MODEL, input="x") as stream:
            streamed = stream.get_final_response()
    assert said.output_text == "It is 42." and swarm.asked[0].policy == VOTING
    for one in (said, again, streamed):
        assert one.model_extra and one.model_extra["swarm"]["ballots"][0]["seat"] == "otter"


def test_openais_completions() -> None:
    """Its strict types know no chunk before the last."""
    with choosing() as (url, _), opened(url, strict=False) as client:
        said = client.completions.create(model=MODEL, prompt="x")
        chunks = list(client.completions.create(model=MODEL, prompt="x", stream=True))
    assert said.model_extra and said.model_extra["swarm"]["method"] == "vote"
    assert [bool((chunk.model_extra or {}).get("swarm")) for chunk in chunks].count(True) == 1


def test_anthropics_messages(strict: bool) -> None:
    with (
        choosing() as (url, swarm),
        anthropic.Anthropic(base_url=url, api_key="x", max_retries=0, _strict_response_validation=strict) as client,
    ):
        said = client.messages.create(
            model=MODEL, max_tokens=9, messages=[{"role": "user", "content": "x"}], extra_body={"swarm": WISH}
        )
        with client.messages.stream(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": "x"}]) as stream:
            events = list(stream)
            final = stream.get_final_message()
    assert said.content[0].type == "text" and said.content[0].text == "It is 42."
    assert said.model_extra and said.model_extra["swarm"]["id"] == said.id and swarm.asked[0].policy == VOTING
    assert final.stop_reason == "end_turn"
    (end,) = [event for event in events if event.type == "message_delta"]
    assert end.model_extra and end.model_extra["swarm"]["method"] == "vote"


def test_ollamas_chat() -> None:
    with choosing() as (url, swarm), ollama.Client(host=url) as client:
        names = [model.model for model in client.list().models]
        said = client.chat(MODEL, [{"role": "user", "content": "x"}])
        (*_, last) = client.chat("swarm:fast", [{"role": "user", "content": "x"}], stream=True)
        shown = client.show("swarm:fast")
    assert "swarm:vote" in names and said.message.content == "It is 42." and last.done and shown.capabilities
    assert [request.model for request in swarm.asked] == ["swarm:vote", "swarm:fast"]
