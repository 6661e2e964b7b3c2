"""Asks a node one question in each of the three ways, and judges what it says."""

import json
import time
from typing import Any

from ..client import OK, Client, NodeFailed
from .judge import Judge
from .question import Call, Question, Said
from .row import Answer, Row, Way

WAYS: tuple[Way, ...] = ("one", "vote", "adaptive")
# From here on it is the node's own failure, such as too few valid answers.
SERVER_FAULT = 500

Body = dict[str, Any]


class Unasked(NodeFailed):
    """The node refuses this question, in whatever way it is asked."""


def wishes(candidates: int, seed: int) -> dict[Way, Body]:
    """Nothing but the policy differs: the first candidate is greedy in all of them."""
    swarm: Body = {"model": "swarm", "temperature": 0, "seed": seed}
    return {
        "one": swarm | {"swarm": {"strategy": "fast"}},
        "vote": swarm | {"swarm": {"strategy": "vote", "candidates": candidates}},
        "adaptive": swarm | {"swarm": {"strategy": "auto", "candidates": candidates}},
    }


class Asker:
    def __init__(self, client: Client, judge: Judge, candidates: int, seed: int) -> None:
        self._client = client
        self._judge = judge
        self._wishes = wishes(candidates, seed)
        self._turn = 0

    def ask(self, question: Question) -> Row:
        """They take turns in being first: that one alone finds a prompt that the node has not read yet."""
        self._turn += 1
        at = self._turn % len(WAYS)
        answers = {way: self._answer(question, self._wishes[way]) for way in (*WAYS[at:], *WAYS[:at])}
        return Row(question.id, question.set, {way: answers[way] for way in WAYS})

    def _answer(self, question: Question, wish: Body) -> Answer:
        begun = time.perf_counter()
        reply = self._client.whole(question.body | wish)
        seconds = round(time.perf_counter() - begun, 3)
        if reply.status >= SERVER_FAULT:
            return Answer(False, seconds, 0, failed=reply.message)
        if reply.status != OK:
            raise Unasked(reply.message)
        return self._judged(question, reply.body, seconds)

    def _judged(self, question: Question, body: Body, seconds: float) -> Answer:
        message = body["choices"][0]["message"]
        right = self._judge.right(question, said(message))
        chosen = body.get("swarm") or {}
        ballots = chosen.get("ballots") or []
        if len(ballots) < 2:
            tokens = body["usage"]["completion_tokens"]
            return Answer(right, seconds, tokens, some_right=right, message=message)
        return Answer(
            right,
            seconds,
            sum(ballot["tokens"] for ballot in ballots),
            len(ballots),
            right or self._some_right(question, body["id"]),
            chosen["method"],
            chosen["agreement"],
            chosen["confidence"],
            message,
        )

    def _some_right(self, question: Question, request: str) -> bool:
        """Each thing that was said is judged once."""
        ballots = self._client.request(request)["ballots"]
        told = {json.dumps(ballot["message"]): ballot["message"] for ballot in ballots if ballot["valid"]}
        return any(self._judge.right(question, _told(message)) for message in told.values() if message)


def said(message: Body) -> Said:
    """The message of an answer."""
    calls = (call["function"] for call in message.get("tool_calls") or ())
    return Said(message.get("content") or "", tuple(_call(call["name"], call["arguments"]) for call in calls))


def _told(message: Body) -> Said:
    """The message of a ballot."""
    return Said(message["text"], tuple(_call(call["name"], call["arguments"]) for call in message["calls"]))


def _call(name: str, arguments: str) -> Call | None:
    try:
        value = json.loads(arguments)
    except ValueError:
        return None
    return Call(name, value) if isinstance(value, dict) else None
