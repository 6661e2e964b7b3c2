"""A text that comes in pieces is read as if it had come at once."""

from collections.abc import Callable

import pytest
from localswarm.dialects.families.source import NotACall, Reader, Source, Waiting
from localswarm.dialects.family import Argued, Begun, CallPart, Ended, Plain

Parser = Callable[[Source], Waiting[None]]


def fed(parser: Parser, *texts: str) -> tuple[list[CallPart], str | None]:
    reader = Reader(parser)
    return [part for text in texts for part in reader.feed(text)], reader.rest


def say(source: Source, text: str) -> None:
    source.say(Plain(text))


def takes(source: Source) -> Waiting[None]:
    say(source, (yield from source.takes("ab", "abcd", spaced=True)))


@pytest.mark.parametrize(
    ("texts", "said", "rest"),
    [
        (("ab", "c", "d!"), "abcd", "!"),
        (("ab", "ce"), "ab", "ce"),
        ((" ", "\n", "abx"), "ab", "x"),
        ((" ", "x"), "", " x"),
    ],
)
def test_takes_the_longest_of_several_texts(texts: tuple[str, ...], said: str, rest: str) -> None:
    assert fed(takes, *texts) == ([Plain(said)], rest)


def until(source: Source) -> Waiting[None]:
    yield from source.until(lambda text: say(source, text), "</a>", "\n</a>")
    say(source, "!")


def test_holds_back_only_what_may_be_the_stop() -> None:
    reader = Reader(until)
    assert reader.feed("x</") == [Plain("x")]
    assert reader.feed("b>\n") == [Plain("</b>")]
    assert reader.feed("</a>y") == [Plain(""), Plain("!")]
    assert reader.rest == "y"


def stops_within_stops(source: Source) -> Waiting[None]:
    say(source, (yield from source.before("abc", "b")))


def test_the_first_stop_counts_even_where_another_is_whole_before_it() -> None:
    assert fed(stops_within_stops, "xa", "b", "c.") == ([Plain("x")], ".")
    assert fed(stops_within_stops, "xa", "b", "d.") == ([Plain("xa")], "d.")


def one_call(source: Source) -> Waiting[None]:
    yield from source.needs("<")
    source.begin("now")
    yield from source.arguments()
    source.whole()
    yield from source.needs(">")


def test_what_was_taken_for_nothing_is_text() -> None:
    assert fed(one_call, "<{}!") == ([Begun("now"), Argued("{}"), Ended()], "!")
    assert fed(one_call, "(") == ([], "(")
    assert fed(one_call, "<[") == ([Begun("now")], "[")


def test_a_torn_call_leaves_no_crumbs() -> None:
    reader = Reader(one_call)
    assert reader.feed('<{"a": "}') == [Begun("now"), Argued('{"a": "}')]
    assert reader.rest is None and reader.finish() == [] and reader.rest == ""


def gives_up(source: Source) -> Waiting[None]:
    yield from source.needs("<")
    yield from source.space()
    raise NotACall


def test_an_end_between_two_pieces() -> None:
    reader = Reader(gives_up)
    assert reader.feed("< ") == []
    assert reader.finish() == [Plain("< ")]
    assert reader.finish() == []
