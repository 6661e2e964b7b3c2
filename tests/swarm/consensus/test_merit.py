from dataclasses import replace

import pytest
from localswarm.chat import Candidate, ChatRequest, Message, Text, ToolCall, ToolResult, ToolSpec, Usage
from localswarm.swarm.consensus.merit import Merits

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
TOOLS = (ToolSpec("weather", "The weather.", SCHEMA),)
ASKED = Message("user", (Text("What will the weather in Rome and in Oslo be for 3 days?"),))
FOUND = Message("tool", (ToolResult("1", "Files: a.txt, b.txt"),))


def said(*arguments: str, chances: tuple[float, ...] = ()) -> Candidate:
    calls = tuple(ToolCall(str(at), "weather", one) for at, one in enumerate(arguments))
    return Candidate("m", Message("assistant", (Text("So:"), *calls)), "tool_calls", Usage(1, 1), chances=chances)


def merits(*messages: Message) -> Merits:
    return Merits(ChatRequest("r", "swarm", messages or (ASKED,), TOOLS))


def enough(known: Merits, candidate: Candidate) -> bool:
    return known.enough(candidate, known.of(candidate))


def test_what_the_request_supports_is_worth_more() -> None:
    worth = [
        merits().of(said(*one))
        for one in (
            ('{"city": "Rome", "days": 3}', '{"city": "Oslo", "days": 3}'),
            ('{"city": "Rome", "days": 3}',),
            ('{"city": "Rome", "days": 7}',),
            ('{"city": "Paris", "days": 7}',),
        )
    ]
    assert all(one is not None for one in worth)
    assert worth == sorted(worth, reverse=True, key=lambda one: one or 0.0)
    assert len(set(worth)) == 4


def test_of_two_the_likelier_is_worth_more() -> None:
    one, other = (merits().of(said('{"city": "Rome"}', chances=(chance,))) for chance in (-0.1, -4.0))
    assert one is not None and other is not None and one > other


@pytest.mark.parametrize("arguments", ["nonsense", "[1]"])
def test_what_cannot_be_read_has_none(arguments: str) -> None:
    assert merits().of(said(arguments)) is None
    assert merits().of(said()) is None
    assert not enough(merits(), said())


def test_enough_is_a_call_that_says_all() -> None:
    assert enough(merits(), said('{"city": "Rome", "days": 3}', '{"city": "Oslo", "days": 3}'))
    assert not enough(merits(), said('{"city": "Paris", "days": 3}'))


def test_nobody_is_asked_beside_a_later_step_or_a_long_call() -> None:
    asked = Message("user", (Text("Tell me what is in my files."),))
    assert not enough(merits(asked), said('{"city": "z.py"}'))
    assert enough(merits(asked, FOUND), said('{"city": "z.py"}'))
    assert enough(merits(asked), replace(said('{"city": "z.py"}'), usage=Usage(9, 300)))


def test_calls_that_nobody_asked_for_are_left_out_at_first() -> None:
    wanted = '{"city": "Rome", "days": 3}', '{"city": "Oslo", "days": 3}'
    kept, places = merits().without_surplus(said(*wanted, '{"city": "Paris", "days": 3}'))
    assert [call.arguments for call in kept.message.calls] == list(wanted)
    assert (set(places), kept.message.text) == ({2}, "So:")
    assert merits().without_surplus(said(*wanted))[1] == frozenset()


def test_later_steps_follow_from_what_was_found() -> None:
    asked = Message("user", (Text("Tell me what is in my files."),))
    later = merits(asked, FOUND)
    calls = said('{"city": "a.txt"}', '{"city": "c.txt"}')
    assert later.without_surplus(calls) == (calls, frozenset())
    found, made_up = (later.of(said(f'{{"city": "{name}"}}')) for name in ("a.txt", "z.py"))
    assert found is not None and made_up is not None and found > made_up


def test_a_system_prompt_mentions_everything_and_says_nothing() -> None:
    told = Message("system", (Text("You may be asked about Paris and 7 days."),))
    assert merits(told, ASKED).of(said('{"city": "Paris"}')) == merits().of(said('{"city": "Paris"}'))
