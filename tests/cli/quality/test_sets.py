"""The questions that come along, whole sets, and which of them are asked."""

import json
from pathlib import Path

import pytest
from localswarm.cli.quality import sets
from localswarm.cli.quality.question import Number, Question
from localswarm.node.config import config_folder

OWN = config_folder() / "quality"
QUESTIONS = [Question(f"sums_{at}", "sums", {}, Number("1")) for at in range(50)]


@pytest.mark.parametrize(("name", "count"), [("calls", 40), ("irrelevance", 20), ("sums", 40), ("code", 20)])
def test_what_comes_along(name: str, count: int) -> None:
    found = sets.load(OWN, name, OWN)
    assert len({one.id for one in found}) == count and {one.set for one in found} == {name}
    for one in found:
        text = one.body["messages"][-1]["content"]
        assert one.body["max_tokens"] > 100 and text and "{" + "question}" not in text


def test_it_is_the_sample_of_seed_0_in_its_order() -> None:
    for name in sets.NAMES:
        found = sets.load(OWN, name, OWN)
        assert sets.sample(found, len(found), 0) == found


def test_a_sample() -> None:
    few, more = sets.sample(QUESTIONS, 10, 3), sets.sample(QUESTIONS, 20, 3)
    assert more[:10] == few and few == sets.sample(QUESTIONS[::-1], 10, 3)
    assert few != sets.sample(QUESTIONS, 10, 4)
    assert len(sets.sample(QUESTIONS, 99, 0)) == 50


def test_in_turn() -> None:
    a, b, c, d = QUESTIONS[:4]
    assert sets.in_turn([[a, b, c], [d]]) == [a, d, b, c]


def test_whole_sets(tmp_path: Path) -> None:
    sum_of = {"question": "How many?", "answer": "#### 4"}
    (tmp_path / "gsm8k.jsonl").write_text(f"{json.dumps(sum_of)}\n\n{json.dumps(sum_of)}\n")
    found = sets.load(tmp_path, "sums", OWN)
    assert [one.id for one in found] == ["sums_0", "sums_1"]
    tasks = [{"task_id": at, "text": "Add.", "test_list": ["assert f()"]} for at in (10, 11, 510, 511)]
    (tmp_path / "mbpp.jsonl").write_text("\n".join(map(json.dumps, tasks)))
    assert [one.id for one in sets.load(tmp_path, "code", OWN)] == ["mbpp_11", "mbpp_510"], "the others are no tests"


@pytest.mark.parametrize("name", sets.NAMES)
def test_what_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(sets.NoQuestions, match=f"questions '{name}'"):
        sets.load(tmp_path, name, OWN)


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"question": "How many?", "answer": "many"}'])
def test_what_is_something_else(line: str, tmp_path: Path) -> None:
    (tmp_path / "gsm8k.jsonl").write_text(line)
    with pytest.raises(sets.NoQuestions, match="not in the form"):
        sets.load(tmp_path, "sums", OWN)
