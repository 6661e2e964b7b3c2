"""A question, asked of a node in three ways."""

import json
from typing import Any

import pytest
from localswarm.cli.client import Client, NodeDown
from localswarm.cli.quality.ask import Asker, Unasked, said
from localswarm.cli.quality.judge import Judge
from localswarm.cli.quality.question import Call, Calls, Number, Question, Said

from ..command import answering

SUM = Question("sums_1", "sums", {"messages": [{"role": "user", "content": "2 + 2?"}], "max_tokens": 9}, Number("4"))
CHAT = "/v1/chat/completions"


def answer(text: str, **swarm: Any) -> tuple[int, bytes]:
    choice = {"message": {"role": "assistant", "content": text}}
    return 200, json.dumps(
        {"id": "a-1", "choices": [choice], "usage": {"completion_tokens": 7}, "swarm": swarm}
    ).encode()


def ballots(*texts: str, valid: bool = True) -> list[dict[str, Any]]:
    return [{"tokens": 3, "valid": valid, "message": {"text": text, "thinking": "", "calls": []}} for text in texts]


VERDICT = {"method": "vote", "agreement": 0.6, "confidence": None}


def test_the_same_is_asked_with_another_policy() -> None:
    with answering({CHAT: answer("The answer is 4.")}) as (url, seen):
        row = Asker(Client(url), Judge(None), 5, 3).ask(SUM)
    policies = [body["swarm"] for _, body in seen]
    assert sorted(policy["strategy"] for policy in policies) == ["auto", "fast", "vote"]
    assert all(policy.get("candidates", 5) == 5 for policy in policies)
    for _, body in seen:
        body.pop("swarm")
        assert body == SUM.body | {"model": "swarm", "temperature": 0, "seed": 3}
    assert list(row.answers) == ["one", "vote", "adaptive"]
    assert all(answer.right and answer.some_right and answer.tokens == 7 for answer in row.answers.values())


def test_each_is_first_in_its_turn() -> None:
    with answering({CHAT: answer("4")}) as (url, seen):
        asker = Asker(Client(url), Judge(None), 5, 0)
        for _ in range(3):
            asker.ask(SUM)
    assert {body["swarm"]["strategy"] for _, body in seen[::3]} == {"auto", "fast", "vote"}


@pytest.mark.parametrize(
    ("texts", "valid", "some"), [(("5", "4"), True, True), (("5", "6"), True, False), (("4",), False, False)]
)
def test_what_the_others_said(texts: tuple[str, ...], valid: bool, some: bool) -> None:
    """One that was cancelled has said nothing."""
    told = [*ballots("5"), *ballots(*texts, valid=valid), {"tokens": 0, "valid": False, "message": None}]
    answers = {
        CHAT: answer("5", ballots=told, **VERDICT),
        "/v1/swarm/requests/a-1": (200, json.dumps({"ballots": told}).encode()),
    }
    with answering(answers) as (url, _):
        vote = Asker(Client(url), Judge(None), 5, 0).ask(SUM).answers["vote"]
    assert not vote.right and vote.some_right is some
    assert (vote.method, vote.agreement, vote.confidence) == ("vote", 0.6, None)
    assert vote.asked == len(told) and vote.tokens == 3 * (len(told) - 1)


def test_a_node_that_fails_has_answered_wrongly() -> None:
    with answering({CHAT: (503, b'{"error": {"message": "too few valid answers"}}')}) as (url, _):
        row = Asker(Client(url), Judge(None), 5, 0).ask(SUM)
    assert {(one.right, one.failed, one.tokens) for one in row.answers.values()} == {
        (False, "too few valid answers", 0)
    }


def test_a_node_that_refuses_the_question_or_is_gone() -> None:
    with (
        answering({CHAT: (400, b'{"error": {"message": "too long"}}')}) as (url, _),
        pytest.raises(Unasked, match="too long"),
    ):
        Asker(Client(url), Judge(None), 5, 0).ask(SUM)
    with pytest.raises(NodeDown):
        Asker(Client("http://localhost:1"), Judge(None), 5, 0).ask(SUM)


def test_calls_that_are_none() -> None:
    calls = [{"function": {"name": "f", "arguments": text}} for text in ('{"a": 1}', "[1]", "{")]
    found = said({"content": None, "tool_calls": calls})
    assert found == Said("", (Call("f", {"a": 1}), None, None))
    wanted = Question("", "calls", {}, Calls([{"f": {"a": [1]}}]))
    assert not Judge(None).right(wanted, found), "more was called than was wanted"
    assert Judge(None).right(wanted, Said("", found.calls[:1]))
    assert Judge(None).right(Question("", "irrelevance", {}, Calls([])), Said("words"))
