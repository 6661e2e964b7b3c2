"""The questions that a model is asked about itself: all can be answered, and not by anything."""

import json
from pathlib import Path
from typing import Any

import pytest
from localswarm.chat import Message, Text, ToolCall
from localswarm.swarm.selftest import Question, SelfTest, read

FILE = Path(__file__).parents[2] / "config" / "selftest.toml"


@pytest.fixture(scope="module")
def questions() -> SelfTest:
    return read(FILE.read_text())


def says(text: str) -> Message:
    return Message("assistant", (Text(text),))


def calls(name: str, arguments: Any, count: int = 1) -> Message:
    return Message("assistant", tuple(ToolCall(str(at), name, json.dumps(arguments)) for at in range(count)))


def perfect(question: Question) -> Message:
    if question.call is not None:
        return calls(question.call["name"], question.call["arguments"]) if question.call else says("Bye.")
    if question.number is not None:
        return says(f"It is {question.number:g}.")
    return says(question.word[0].title() if question.word else f"```json\n{json.dumps(question.json)}\n```")


def test_each_question_has_one_check_that_can_be_met(questions: SelfTest) -> None:
    assert 12 <= len(questions.questions) <= 24
    for question in questions.questions:
        given = [question.number is not None, bool(question.word), question.json is not None, question.call is not None]
        assert sum(given) == 1, question.ask
        assert question.right(perfect(question)), question.ask
        assert not question.right(says("")) or question.call == {}, question.ask
        assert not question.right(calls("read_file", {"path": "/"})), question.ask


def test_calls_in_the_questions_are_calls_of_their_tools(questions: SelfTest) -> None:
    schemas = {tool.name: tool.schema for tool in questions.tools}
    for question in questions.questions:
        if question.call:
            assert set(question.call["arguments"]) == set(schemas[question.call["name"]]["required"])


CALL = Question("?", call={"name": "set_timer", "arguments": {"minutes": 4}})
TABLE = [
    (CALL, calls("set_timer", {"minutes": 4.0}), True),
    (CALL, calls("set_timer", {"minutes": 5}), False),
    (CALL, calls("set_clock", {"minutes": 4}), False),
    (CALL, calls("set_timer", {"minutes": 4}, 2), False),
    (CALL, says('{"name": "set_timer", "arguments": {"minutes": 4}}'), False),
    (Question("?", number=1250), says("That makes 5 x 250 = 1,250."), True),
    (Question("?", number=9), says("9 percent of 100"), False),
    (Question("?", number=0.7), says("The largest is 0.7"), True),
    (Question("?", word=("carl",)), says("**Carl** is."), True),
    (Question("?", word=("carl",)), says("Carla"), False),
    (Question("?", word=("carl",)), says("perhaps Carl or " + "somebody else " * 40), False),
    (Question("?", json=[1, 2]), says("[1, 2]"), True),
    (Question("?", json=[1, 2]), says("Here it is: [1, 2]"), False),
    (Question("?", json=[1, 2]), says("[2, 1]"), False),
]


@pytest.mark.parametrize(("question", "answer", "right"), TABLE)
def test_what_is_right(question: Question, answer: Message, right: bool) -> None:
    assert question.right(answer) is right


def test_another_text_makes_another_version(questions: SelfTest) -> None:
    source = FILE.read_text()
    assert read(source + "\n# only a remark\n").version == questions.version
    assert read(source.replace("four minutes", "six minutes")).version != questions.version


def test_requests_are_greedy_short_and_distinct(questions: SelfTest) -> None:
    requests = [request for _, request in questions.requests("m")]
    assert len({request.id for request in requests}) == len(requests)
    assert all(request.sampling.temperature == 0 and request.sampling.max_tokens for request in requests)
    assert all(bool(request.tools) is (question.call is not None) for question, request in questions.requests("m"))
