"""Wishes of how the swarm shall answer, in the body and in headers."""

from typing import Any

import pytest
from localswarm.api import policy
from localswarm.api.fields import Fields
from localswarm.chat import Policy
from localswarm.errors import BadRequest
from localswarm.settings import LONGEST_PATIENCE, MOST_CANDIDATES

EVERYTHING = {"candidates": 5, "strategy": "vote", "quorum": 3, "patience_s": 4, "local_only": True}


def read(wish: Any, choices: int = 1) -> Policy:
    return policy.read(Fields({"swarm": wish}), choices)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (None, Policy()),
        ({}, Policy()),
        (EVERYTHING, Policy(1, "vote", 5, 3, 4.0, True)),
        ({"strategy": "synth"}, Policy(strategy="synth")),
        ({"candidates": float(MOST_CANDIDATES), "quorum": MOST_CANDIDATES}, Policy(1, None, 16, 16)),
        ({"patience_s": 0}, Policy(patience=0.0)),
        ({"quorum": 9}, Policy(quorum=9)),
        (dict.fromkeys(policy.KEYS), Policy()),
    ],
)
def test_what_a_request_may_ask_for(wish: Any, expected: Policy) -> None:
    assert read(wish) == expected


def test_choices_of_the_client_are_kept() -> None:
    assert read({"strategy": "fast"}, 3) == Policy(3, "fast")


@pytest.mark.parametrize(
    ("wish", "param", "words"),
    [
        (5, "swarm", "must be an object, not a number"),
        ([], "swarm", "an array"),
        ({"strategy": "best"}, "swarm.strategy", "one of auto, fast, vote, synth"),
        ({"strategy": 1}, "swarm.strategy", "must be a string"),
        ({"candidates": 0}, "swarm.candidates", f"between 1 and {MOST_CANDIDATES}, not 0"),
        ({"candidates": 17}, "swarm.candidates", "not 17"),
        ({"candidates": 2.5}, "swarm.candidates", "an integer"),
        ({"candidates": True}, "swarm.candidates", "not a boolean"),
        ({"candidates": "5"}, "swarm.candidates", "not a string"),
        ({"quorum": 0}, "swarm.quorum", "between 1"),
        ({"quorum": 4, "candidates": 3}, "swarm.quorum", "at most 'candidates', which is 3"),
        ({"patience_s": -1}, "swarm.patience_s", f"between 0 and {LONGEST_PATIENCE:g}"),
        ({"patience_s": "4"}, "swarm.patience_s", "a number"),
        ({"local_only": "yes"}, "swarm.local_only", "a boolean"),
        ({"candidate": 5}, "swarm.candidate", "is not known; the nearest is 'candidates'"),
        ({"patience": 5}, "swarm.patience", "'patience_s'"),
        ({"zzz": None}, "swarm.zzz", "there is strategy, candidates"),
    ],
)
def test_what_is_wrong_is_named(wish: Any, param: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(wish)
    assert refused.value.param == param and words in refused.value.message


def test_of_vectors_nothing_is_chosen() -> None:
    assert policy.local_only(Fields({"swarm": {"local_only": True}})) and not policy.local_only(Fields({}))
    with pytest.raises(BadRequest) as refused:
        policy.local_only(Fields({"swarm": EVERYTHING}))
    assert refused.value.param == "swarm.candidates"


STRATEGY, CANDIDATES = policy.STRATEGY_HEADER, policy.CANDIDATES_HEADER


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, {}, {}),
        ({STRATEGY: "vote"}, {}, {"swarm": {"strategy": "vote"}}),
        ({STRATEGY: "vote", CANDIDATES: "3"}, {"swarm": None}, {"swarm": {"strategy": "vote", "candidates": 3}}),
        ({STRATEGY: "vote"}, {"swarm": {"strategy": "fast"}}, {"swarm": {"strategy": "fast"}}),
        ({STRATEGY: "vote"}, {"swarm": {"strategy": None}}, {"swarm": {"strategy": "vote"}}),
        ({CANDIDATES: "3"}, {"swarm": {"quorum": 2}}, {"swarm": {"quorum": 2, "candidates": 3}}),
        # What is wrong in the body is told of the body.
        ({STRATEGY: "vote"}, {"swarm": 5}, {"swarm": 5}),
    ],
)
def test_headers_are_for_those_who_have_nothing_else(
    headers: dict[str, str], body: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert policy.with_headers(body, headers) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (STRATEGY, "best"),
        (STRATEGY, ""),
        (CANDIDATES, "17"),
        (CANDIDATES, "0"),
        (CANDIDATES, "three"),
        (CANDIDATES, "\u00b3"),
        (CANDIDATES, "9" * 5000),
    ],
)
def test_a_wrong_header_is_named(name: str, value: str) -> None:
    with pytest.raises(BadRequest) as refused:
        policy.with_headers({}, {name: value})
    assert refused.value.param == name
