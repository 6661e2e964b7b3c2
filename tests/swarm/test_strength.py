"""From what a model is known for to what it did."""

import pytest
from localswarm.chat import ChatRequest, Message, Text, ToolCall, ToolResult
from localswarm.swarm.member import Details, Served
from localswarm.swarm.outcomes import Outcomes, failed
from localswarm.swarm.strength import HALF_LIFE, Record, Strengths, from_catalogue, from_size, strength

GRADED = Details(parameters=7 * 10**9, strength=0.5)


def test_larger_is_better_where_nothing_else_is_known() -> None:
    sizes = [from_size(round(billions * 1e9)) for billions in (0, 0.135, 1.5, 7, 32, 70, 400)]
    assert sizes == sorted(sizes) and sizes[0] == 0 and sizes[-1] < 1
    assert strength(Details(parameters=8 * 10**9), Record()) == pytest.approx(0.5)
    assert strength(GRADED, Record()) == 0.5


def test_who_calls_tools_badly_is_worth_less() -> None:
    grades = [from_catalogue(60, tools) for tools in ("good", "fair", "weak", "none")]
    assert grades == sorted(grades, reverse=True) and grades[0] == 0.6


@pytest.mark.parametrize(("right", "least", "most"), [(22, 0.5, 0.6), (16, 0.45, 0.52), (0, 0.25, 0.3)])
def test_the_self_test_moves_it_within_bounds(right: int, least: float, most: float) -> None:
    assert least < strength(GRADED, Record(right, 22)) < most


def test_calls_that_fail_count_more_the_more_there_are() -> None:
    def after(good: int, bad: int) -> float:
        record = Record()
        for number in range(good + bad):
            record = record.with_call(number < bad, 0.0)
        return strength(GRADED, record)

    assert after(0, 60) < after(30, 30) < after(9, 1) <= after(0, 0) + 1e-9 < after(60, 0)
    assert after(0, 1) > 0.47


def test_what_happened_long_ago_counts_less() -> None:
    record = Record()
    for _ in range(40):
        record = record.with_call(True, 0.0)
    later = record.with_call(False, 4 * HALF_LIFE)
    assert later.bad == pytest.approx(2.5) and later.good == 1
    for _ in range(1000):
        later = later.with_call(False, 4 * HALF_LIFE)
    assert later.good + later.bad < 202


WRONG = [
    "The arguments provided to the tool are invalid: Invalid input for tool edit",
    "<tool_use_error>InputValidationError: Read failed due to the following issue",
    "Error: No such tool available: bash",
    "<tool_use_error>Error: No such tool available: bash</tool_use_error>",
    "failed to parse function arguments: missing field `command` at line 1",
    "params must have required property 'file_path'",
    "Error: File does not exist.",
    'Tool "read_fil" not found. Did you mean one of: "read_file"?',
    "unsupported call: shel",
]
RIGHT = [
    "def invalid_arguments(): ...",
    "12 tests failed",
    "The file was written.",
    "",
    "Errors: 0",
    "In the log: Error: No such tool available: bash",
]


@pytest.mark.parametrize("content", WRONG)
def test_clients_say_that_a_call_was_wrong(content: str) -> None:
    assert failed(ToolResult("c", content)) and failed(ToolResult("c", content, failed=True))


@pytest.mark.parametrize("content", RIGHT)
def test_other_results_are_no_failure(content: str) -> None:
    assert not failed(ToolResult("c", content))


def test_a_command_that_ended_badly_is_no_fault_of_the_call() -> None:
    assert not failed(ToolResult("c", "Exit code 1\nFAILED test_x.py", failed=True))
    assert failed(ToolResult("c", "String to replace was not there", failed=True))


def turn(call: str, content: str, is_error: bool = False) -> ChatRequest:
    asked = Message("assistant", (ToolCall(call, "read", "{}"),))
    return ChatRequest("r", "m", (asked, Message("tool", (ToolResult(call, content, failed=is_error),))))


def test_an_outcome_counts_once_and_for_the_one_that_wrote_the_call() -> None:
    outcomes = Outcomes()
    outcomes.wrote("a", Message("assistant", (Text("."), ToolCall("1", "read", "{}"), ToolCall("2", "read", "{}"))))
    outcomes.wrote("b", Message("assistant", (ToolCall("3", "read", "{}"),)))
    assert list(outcomes.of(turn("3", "fine"))) == [("b", False)]
    assert list(outcomes.of(turn("3", "fine"))) == []
    assert list(outcomes.of(turn("2", "no", True))) == [("a", True)]
    assert list(outcomes.of(turn("nobody's", "no", True))) == []


def test_two_servers_that_give_the_same_ids_are_told_apart() -> None:
    outcomes = Outcomes()
    outcomes.wrote("a", Message("assistant", (ToolCall("call_0", "read", '{"b": 1, "a": 2}'),)))
    outcomes.wrote("b", Message("assistant", (ToolCall("call_0", "read", '{"path": "x"}'),)))
    asked = Message("assistant", (ToolCall("call_0", "read", '{"a":2,"b":1}'),))
    result = Message("tool", (ToolResult("call_0", "no", failed=True),))
    assert list(outcomes.of(ChatRequest("r", "m", (asked, result)))) == [("a", True)]


def test_older_results_are_no_news() -> None:
    outcomes = Outcomes()
    outcomes.wrote("a", Message("assistant", (ToolCall("1", "read", "{}"),)))
    old = turn("1", "no", True)
    later = ChatRequest("r", "m", (*old.messages, Message("assistant", (Text("."),)), Message("user", (Text("?"),))))
    assert list(outcomes.of(later)) == []


def test_strengths_follow_what_is_heard() -> None:
    strengths = Strengths()
    served = Served("M:7b", 1, 1, 1, 0, (), GRADED)
    before = strengths.of(served)
    for number in range(10):
        strengths.wrote("M:7b", Message("assistant", (ToolCall(str(number), "read", "{}"),)))
        strengths.heard(turn(str(number), "no", True), 0.0)
    assert strengths.of(served) < before == 0.5
    assert strengths.record("m:7B").bad == 10
