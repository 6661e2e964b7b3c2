"""The same call twice is one call; all others pass, as they come."""

from localswarm.dialects.family import Argued, Begun, CallPart, Ended, Plain
from localswarm.dialects.repeats import Repeats


def call(name: str, *arguments: str) -> list[CallPart]:
    return [Begun(name), *map(Argued, arguments), Ended()]


def test_one_call_passes_as_it_comes() -> None:
    repeats = Repeats()
    for part in call("read", '{"path"', ': "a"}'):
        assert list(repeats.sift([part])) == [part]


def test_a_repeated_call_is_dropped_and_told() -> None:
    repeats = Repeats()
    list(repeats.sift(call("read", '{"a": 1}')))
    assert list(repeats.sift(call("read", '{"a"', ": 1}"))) == []
    assert repeats.found


def test_one_that_differs_comes_whole_as_soon_as_it_does() -> None:
    repeats = Repeats()
    list(repeats.sift(call("read", '{"a": 1}')))
    begun, first, second, end = call("read", '{"a"', ": 2}")
    assert list(repeats.sift([begun])) == list(repeats.sift([first])) == []
    assert list(repeats.sift([second])) == [begun, first, second]
    assert list(repeats.sift([end])) == [end]
    assert not repeats.found


def test_another_tool_passes_at_once() -> None:
    repeats = Repeats()
    list(repeats.sift(call("read", "{}")))
    assert list(repeats.sift([Begun("write")])) == [Begun("write")]


def test_text_is_never_held() -> None:
    repeats = Repeats()
    list(repeats.sift(call("read", "{}")))
    assert list(repeats.sift([Plain("so")])) == [Plain("so")]


def test_a_call_that_is_cut_off_while_it_may_still_be_a_repetition_is_dropped() -> None:
    repeats = Repeats()
    list(repeats.sift(call("read", '{"a": 1}')))
    assert list(repeats.sift([Begun("read"), Argued('{"a"')])) == []
