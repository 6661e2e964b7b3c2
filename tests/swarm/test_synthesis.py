"""`strategy: "synth"`: one answer written out of several."""

from collections.abc import Sequence
from dataclasses import replace

import anyio
import pytest
from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Finished,
    Message,
    Policy,
    Sampling,
    Text,
    TextDelta,
    ThinkingDelta,
    ToolResult,
    Undecided,
    Usage,
)
from localswarm.errors import ContextOverflow, EngineDied, SwarmError, UpstreamFault
from localswarm.swarm import answer, synthesis
from localswarm.swarm.answer import Choosing, Swarm
from localswarm.swarm.member import Served
from localswarm.swarm.report import line

from .polled import ASKS, READ, Heard, Named, ask, request, talk
from .scripted import CONTEXT, Step, calls, says

SYNTH = Policy(strategy="synth", candidates=2)
WROTE = "Both of it."
CALL = calls("read", '{"path": "notes.txt"}')


def is_synth(asked: ChatRequest) -> bool:
    return asked.id.endswith("-synth")


class Writer(Named):
    """Says one thing by itself, and another where it is shown the answers of several."""

    def __init__(self, name: str, own: Sequence[Step], written: Sequence[Step] = (), seats: int = 8) -> None:
        super().__init__(name, lambda asked: written if is_synth(asked) else own, seats=seats)

    @property
    def shown(self) -> list[ChatRequest]:
        return [one for one in self.asked if is_synth(one) and one.tool_choice]


def choosing(strongest: str = "strong") -> Choosing:
    return Choosing(
        strength=lambda served: 1.0 if served.id == strongest else 0.5, synthesis=lambda: "So: {answers} Now you."
    )


def pair(written: Sequence[Step], other: Sequence[Step] | None = None) -> list[Named]:
    weak = Writer("weak", says("It is red, I think."), says("Of the weak one.") if other is None else other)
    return [weak, Writer("strong", says("It is blue."), written)]


async def wrote(
    members: Sequence[Named], asked: ChatRequest | None = None, choice: Choosing | None = None
) -> tuple[str, Heard]:
    with anyio.fail_after(5):
        candidate, heard = await ask(members, asked or talk("swarm", policy=SYNTH), choice or choosing())
    return candidate.message.text, heard


def told(heard: Heard) -> str:
    return "".join(event.text for event in heard.events if isinstance(event, TextDelta))


async def test_the_strongest_writes_it_out_of_what_several_said() -> None:
    members = pair(says("Both ", "of it."))
    text, heard = await wrote(members)
    assert text == told(heard) == WROTE and heard.in_order
    verdict = heard.verdict
    assert (verdict.method, verdict.requested, verdict.winner, verdict.kind) == ("synth", 3, 2, "short")
    shown = members[1].asked[-1].messages
    assert shown[0].text == f"{ASKS[0].text}\n\nSo: Answer 1:\nIt is red, I think.\n\nAnswer 2:\nIt is blue. Now you."
    assert len(shown) == 1, "templates of some models refuse two messages of the user in a row"


async def test_its_line_says_so() -> None:
    _, heard = await wrote(pair(says(WROTE)))
    seats = [one.seat for one in heard.verdict.ballots]
    assert line(heard.verdict) == f"short: {seats[2]} wrote one out of several ({seats[0]}, {seats[1]} answered), 0.0 s"


def test_behind_a_result_it_is_a_message_of_its_own() -> None:
    result = Message("tool", (ToolResult("c", "Red."),))
    asked = ChatRequest("r", "swarm", (*ASKS, result), tools=(READ,))
    shown = synthesis.request(asked, [], "Now you.")
    assert [one.role for one in shown.messages] == ["user", "tool", "user"]
    assert shown.tool_choice.mode == "none"


@pytest.mark.parametrize(
    ("members", "asked"),
    [
        ([Writer("one", CALL, says(WROTE)), Writer("two", CALL, says(WROTE))], request("swarm", policy=SYNTH)),
        (
            [Writer(name, CALL if name < "d" else says("No."), says(WROTE)) for name in "abcde"],
            request("swarm", "auto", policy=Policy(strategy="synth", candidates=5)),
        ),
    ],
    ids=["of calls", "most call"],
)
async def test_what_is_voted_on_instead(members: list[Named], asked: ChatRequest) -> None:
    _, heard = await wrote(members, asked)
    assert heard.verdict.method != "synth" and not heard.verdict.warnings and heard.in_order


async def test_what_one_member_said_is_voted_on_and_the_client_is_told_why() -> None:
    _, heard = await wrote([Writer("one", says("Yes."), says(WROTE))])
    assert heard.verdict.method == "vote"
    assert heard.verdict.warnings == ("No answer was written out of several: All that there are come from one member.",)


async def test_with_tools_words_are_written_where_words_were_wanted() -> None:
    members = pair(says(WROTE))
    text, heard = await wrote(members, request("swarm", "auto", policy=SYNTH))
    assert (text, heard.verdict.method) == (WROTE, "synth")
    assert members[1].asked[-1].tool_choice.mode == "none"


async def test_a_member_that_fails_is_left_out() -> None:
    members = [*pair(says(WROTE)), Named("gone", [UpstreamFault("Gone.")])]
    text, heard = await wrote(members, talk("swarm", policy=Policy(strategy="synth", candidates=3)))
    assert text == WROTE
    assert [one.why for one in heard.verdict.ballots if not one.valid] == ["Gone."]


@pytest.mark.parametrize("error", [UpstreamFault("Gone."), EngineDied("Died.")], ids=["failed", "died"])
async def test_where_the_strongest_cannot_the_next_one_writes(error: SwarmError) -> None:
    text, heard = await wrote(pair([error]))
    assert text == "Of the weak one." and heard.in_order
    assert heard.verdict.ballots[-1].model == "weak"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ([UpstreamFault("Gone.")], "Gone."),
        ([ContextOverflow(9000, CONTEXT)], "maximum context length"),
        (says(), "It says nothing."),
        ([Accepted(5), ThinkingDelta("Hm."), UpstreamFault("Gone.")], "Gone."),
        ([Accepted(5), ThinkingDelta("Hm."), Finished("length", Usage(5, 1))], "It says nothing."),
    ],
    ids=["all fail", "too long", "empty", "dies over its thoughts", "only thinks"],
)
async def test_where_nobody_can_the_best_answer_is_given(end: list[Step], why: str) -> None:
    text, heard = await wrote(pair(end, end))
    assert text == told(heard) == "It is blue." and heard.in_order
    assert heard.verdict.method != "synth"
    assert [why in warning for warning in heard.verdict.warnings] == [True]


async def test_a_writer_that_dies_after_words_ends_in_the_error_and_is_told_of() -> None:
    heard, members = Heard(), pair([Accepted(5), TextDelta("Both"), UpstreamFault("Gone.")])
    with pytest.raises(UpstreamFault):
        await Swarm(members, choosing=choosing()).answer(talk("swarm", policy=SYNTH), heard.emit)
    assert told(heard) == "Both"
    (verdict,) = [event.verdict for event in heard.events if isinstance(event, Undecided)]
    assert (verdict.method, verdict.winner, verdict.valid) == ("none", None, 2)
    assert verdict.ballots[-1].why == "Gone."


class Small(Writer):
    context = 100

    def served(self) -> Served:
        return replace(super().served(), context=self.context)


async def test_the_answers_have_to_fit_with_room_for_another_one() -> None:
    own = says("It is blue, and that is what I have to say of it.")
    text, heard = await wrote([pair([])[0], Small("strong", own, says(WROTE))])
    assert (text, heard.verdict.ballots[-1].model) == ("Of the weak one.", "weak")
    text, heard = await wrote([Small("weak", own, says(WROTE)), Small("strong", own, says(WROTE))])
    assert text.startswith("It is blue") and heard.verdict.method != "synth"
    assert "do not fit into the context" in heard.verdict.warnings[0]


def test_no_more_room_is_wanted_than_may_be_used() -> None:
    answers = [candidate(40), candidate(100)]
    assert synthesis.room(talk(), answers) == 150
    assert synthesis.room(talk(sampling=Sampling(max_tokens=60)), answers) == 60


def candidate(tokens: int) -> Candidate:
    return Candidate("one", Message("assistant", (Text("Yes."),)), "stop", Usage(1, tokens))


async def test_a_frozen_writer_is_not_waited_for_and_a_slow_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(answer, "SILENT_TIMES", 0.0)
    text, heard = await wrote(pair([Accepted(5), 30.0, *says(WROTE)]))
    assert text == "Of the weak one." and heard.in_order
    text, _ = await wrote(
        pair([Accepted(5), TextDelta("Both"), 0.3, TextDelta(" of it."), Finished("stop", Usage(5, 2))])
    )
    assert text == WROTE


async def test_a_client_that_leaves_stops_the_writer() -> None:
    members = pair([Accepted(5), TextDelta("Both"), 30.0])
    with anyio.move_on_after(0.1):
        await ask(members, talk("swarm", policy=SYNTH), choosing())
    assert members[1].left == 1


async def test_several_answers_side_by_side_are_given_as_they_are() -> None:
    heard = Heard()
    found = await Swarm(pair(says(WROTE)), choosing=choosing()).answer(
        talk("swarm", policy=Policy(choices=2, strategy="synth")), heard.emit
    )
    assert len(found) == 2 and heard.verdict.method == "single"
