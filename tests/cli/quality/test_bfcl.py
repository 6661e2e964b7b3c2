"""BFCL's questions as requests."""

import json
from pathlib import Path
from typing import Any

from localswarm.cli.quality.bfcl import items, question
from localswarm.cli.quality.question import Calls

LINE: dict[str, Any] = {
    "id": "multiple_3",
    "question": [[{"role": "user", "content": "How far?"}]],
    "function": [
        {
            "name": "map.distance",
            "description": "Tells it.",
            "parameters": {
                "type": "dict",
                "properties": {"to": {"type": "tuple", "items": {"type": "float"}}, "more": {"type": "any"}},
            },
        }
    ],
}


def test_a_question_for_calls() -> None:
    asked = question(LINE | {"ground_truth": [{"map.distance": {"to": [[1.0]]}}]})
    assert (asked.id, asked.set) == ("multiple_3", "calls")
    assert asked.wanted == Calls([{"map_distance": {"to": [[1.0]]}}])
    assert asked.body["tool_choice"] == "required" and asked.body["parallel_tool_calls"] is False
    function = asked.body["tools"][0]["function"]
    assert function["name"] == "map_distance", "OpenAI allows no dots"
    properties = {"to": {"type": "array", "items": {"type": "number"}}, "more": {}}
    assert function["parameters"] == {"type": "object", "properties": properties}


def test_several_calls_and_none() -> None:
    assert question(LINE | {"id": "parallel_1", "ground_truth": [{}]}).body["parallel_tool_calls"] is True
    asked = question(LINE | {"id": "irrelevance_9", "ground_truth": []})
    assert asked.set == "irrelevance" and asked.wanted == Calls([]) and asked.body["tool_choice"] == "auto"


def test_the_files_as_they_are_published(tmp_path: Path) -> None:
    (tmp_path / "possible_answer").mkdir()
    lines = [LINE | {"id": f"multiple_{at}"} for at in range(3)]
    truths = [{"id": f"multiple_{at}", "ground_truth": [{"map.distance": {"to": [at]}}]} for at in (2, 0, 1)]
    for file, written in (("BFCL_v4_multiple.json", lines), ("possible_answer/BFCL_v4_multiple.json", truths)):
        (tmp_path / file).write_text("\n".join(map(json.dumps, written)))
    found = list(items(tmp_path, "multiple", 2))
    assert [(one.id, one.kind, one.truth) for one in found] == [
        ("multiple_0", "multiple", [{"map_distance": {"to": [0]}}]),
        ("multiple_1", "multiple", [{"map_distance": {"to": [1]}}]),
    ]
