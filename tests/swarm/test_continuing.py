"""An answer whose member dies is gone on with by another one, and the client hears each character once."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Chosen,
    Emit,
    Event,
    Finished,
    Policy,
    Sampling,
    TextDelta,
    ThinkingDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
    Written,
)
from localswarm.errors import BadRequest, EngineDied, Unavailable
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Served

from .polled import Heard, ask, request, talk
from .scripted import ScriptedMember, candidate_of

DIED = EngineDied("The engine process was killed.")
TEXT = "The sea is blue, and the sky is too."
PATH = '{"path": "notes.txt"}'
# Several tokens to an event, as they come out of an engine.
TOGETHER = 4
Make = Callable[[str, int], Event]


def words(text: str, at: int = 0) -> Event:
    return TextDelta(text)


def thoughts(text: str, at: int = 0) -> Event:
    return ThinkingDelta(text)


def arguments(text: str, at: int = 0) -> Event:
    return ToolCallDelta(0, text)


def weighed(text: str, at: int = 0) -> Event:
    return TextDelta(text, 0, tuple(TokenLogprob(c.encode(), -float(at + i)) for i, c in enumerate(text)))


class Writer(ScriptedMember):
    """Writes these stretches, a token for each character, and goes on behind what was begun."""

    def __init__(self, name: str, dies: int | None = None, error: Exception = DIED, model: str = "m", **more: object):
        super().__init__()
        self.name = name
        self.stretches: list[tuple[Make, str]] = [(words, TEXT)]
        self.dies = dies
        self.error = error
        self.model = model
        self.continues = True
        self.quant = "Q4_1"
        self.digest = ""
        self.call_id = f"call_of_{name}"
        for key, value in more.items():
            setattr(self, key, value)

    def served(self) -> Served:
        served = super().served()
        details = replace(served.details, continues=self.continues, quant=self.quant, digest=self.digest)
        return replace(served, id=self.model, seats=4, details=details)

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self.asked.append(request)
        known = len(request.begun.tokens) if request.begun else 0
        told: list[Event] = []

        async def tell(event: Event) -> None:
            told.append(event)
            await emit(event)

        await tell(Accepted(7))
        written, calls = 0, False
        for make, text in self.stretches:
            if make is arguments:
                calls = True
                await tell(ToolCallDelta(0, "", self.call_id, "read"))
            while text:
                new = written - known
                if self.dies is not None and new >= self.dies:
                    raise self.error
                count = max(TOGETHER, -new)
                if self.dies is not None:
                    count = min(count, max(1, self.dies - new, -new))
                piece, text = text[:count], text[count:]
                if request.sampling.traced:
                    await tell(Written(tuple(map(ord, piece))))
                await tell(make(piece, written))
                written += len(piece)
        thought = sum(len(said) for make, said in self.stretches if make is thoughts)
        await tell(Finished("tool_calls" if calls else "stop", Usage(7, written, 3, thought)))
        return [replace(candidate_of(told, 0), member=self.name)]


def said(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("dies", range(1, len(TEXT)))
async def test_wherever_it_dies_the_text_comes_once_and_in_order(dies: int) -> None:
    members = [Writer("one", dies), Writer("two")]
    candidate, heard = await ask(members, talk("m"))
    assert said(heard.events) == candidate.message.text == TEXT
    assert heard.in_order
    begun = members[1].asked[0].begun
    assert begun and begun.tokens == tuple(map(ord, TEXT[:dies]))
    assert candidate.usage == Usage(7, len(TEXT), 3) and candidate.member == "two"
    assert not any(isinstance(event, Written) for event in heard.events)


async def test_the_seam_is_told_beside_the_answer() -> None:
    _, heard = await ask([Writer("one", 9), Writer("two")], talk("m"))
    verdict = heard.verdict
    first, second = verdict.ballots
    assert (first.valid, first.why, first.tokens, second.valid, verdict.winner) == (False, DIED.message, 9, True, 1)
    assert first.seat != second.seat
    (warning,) = verdict.warnings
    assert first.seat in warning and second.seat in warning


async def test_thoughts_and_calls_go_on_and_a_call_keeps_its_id() -> None:
    stretches = [(thoughts, "Hm, a file."), (words, "Let me see."), (arguments, PATH)]
    whole = sum(len(text) for _, text in stretches)
    for dies in range(1, whole):
        members = [Writer("one", dies, stretches=stretches), Writer("two", stretches=stretches)]
        candidate, heard = await ask(members, request("m", "auto"))
        told = candidate_of(heard.events, 0)
        assert told.message.parts == candidate.message.parts
        assert (told.message.thinking, told.message.text) == ("Hm, a file.", "Let me see.")
        (call,) = told.message.calls
        assert (call.arguments, call.name) == (PATH, "read")
        begun = dies > len("Hm, a file.Let me see.")
        # Its head may be told right before the death, or by the other.
        assert call.id in (("call_of_one",) if begun else ("call_of_one", "call_of_two"))
        heads = [event for event in heard.events if isinstance(event, ToolCallDelta) and event.name]
        assert len(heads) == 1 and heard.in_order
        assert told.usage == candidate.usage == Usage(7, whole, 3, len("Hm, a file."))


async def test_each_tokens_likelihood_comes_once() -> None:
    stretches = [(weighed, TEXT)]
    asked = talk("m", sampling=Sampling(logprobs=0))
    candidate, heard = await ask([Writer("one", 10, stretches=stretches), Writer("two", stretches=stretches)], asked)
    entries = [entry for event in heard.events if isinstance(event, TextDelta) for entry in event.logprobs]
    assert [entry.logprob for entry in entries] == [-float(at) for at in range(len(TEXT))]
    assert candidate.logprobs == tuple(entries)


async def test_likelihoods_behind_thoughts_are_not_made_up() -> None:
    stretches = [(thoughts, "Hm."), (weighed, TEXT)]
    members = [Writer("one", 10, stretches=stretches), Writer("two", stretches=stretches)]
    with pytest.raises(EngineDied):
        await ask(members, talk("m", sampling=Sampling(logprobs=0)))
    assert not members[1].asked


def another(text: str) -> Writer:
    return Writer("two", stretches=[(words, text)])


@pytest.mark.parametrize(
    "other",
    [
        another("The sea is green."),
        another("The"),
        Writer("two", stretches=[(thoughts, TEXT)]),
        Writer("two", error=BadRequest("No such token."), dies=-99),
        Writer("two", model="other"),
        Writer("two", continues=False),
    ],
    ids=["other words", "ends too soon", "thinks", "refuses", "another model", "tells no tokens"],
)
async def test_where_nobody_can_go_on_it_ends_in_the_error(other: Writer) -> None:
    heard = Heard()
    with pytest.raises(EngineDied):
        await Swarm([Writer("one", 15), other]).answer(talk("m"), heard.emit)
    assert said(heard.events) == TEXT[:15]
    assert not any(isinstance(event, Chosen | Finished | ThinkingDelta) for event in heard.events)


async def test_the_very_same_weights_are_asked_first() -> None:
    members = [
        Writer("one", 9, digest="aa", quant="Q8_0"),
        Writer("two", digest="bb", quant="Q4_1"),
        Writer("three", digest="cc", quant="Q8_0"),
        Writer("four", digest="aa", quant="Q8_0"),
    ]
    candidate, _ = await ask(members, talk("m"))
    assert candidate.member == "four"
    members[3].dies, members[3].error = 0, Unavailable("Not now.")
    candidate, _ = await ask(members, talk("m"))
    assert candidate.member == "three"


async def test_the_same_weights_under_another_name_go_on() -> None:
    """As where one node was given a file by its path, and the other by the name that it has in the catalogue."""
    one, two = Writer("one", 9, digest="aa", model="sea:1b:q4"), Writer("two", digest="aa", model="my-file")
    assert (await ask([one, two], talk("sea:1b:q4")))[0].member == "two"
    assert (await ask([one, two], talk("my-file")))[0].message.text == TEXT
    two.digest = "bb"
    with pytest.raises(EngineDied):
        await ask([one, two], talk("sea:1b:q4"))


@pytest.mark.parametrize(
    "asked", [talk("m", policy=Policy(2)), talk("m", continue_last=True)], ids=["several", "begun"]
)
async def test_what_is_not_gone_on_with_ends_in_the_error_and_never_as_if_it_were_whole(asked: ChatRequest) -> None:
    heard = Heard()
    one = Writer("one", 15)
    one.continues = asked.policy.choices > 1
    with pytest.raises(EngineDied):
        await Swarm([one, Writer("two")]).answer(asked, heard.emit)
    assert said(heard.events) == TEXT[:15]
    assert not any(isinstance(event, Chosen | Finished) for event in heard.events)


async def test_what_would_not_be_told_is_not_asked_for() -> None:
    """Nothing is traced where nobody could go on, or where several answers are given side by side."""
    for members, asked in [
        ([Writer("one")], talk("m")),
        ([Writer("one"), Writer("two", model="other")], talk("m")),
        ([Writer("one"), Writer("two")], talk("m", policy=Policy(2))),
    ]:
        await Swarm(members).answer(asked, Heard().emit)
        assert not any(one.sampling.traced for member in members for one in member.asked)


@pytest.mark.parametrize(("dies", "met"), [(0, 2), (3, 2), (9, 3)])
async def test_a_request_that_kills_whoever_it_meets_does_not_meet_all(dies: int, met: int) -> None:
    """Who went on for a while has not died of the request alone."""
    members = [Writer(f"{at}", dies) for at in range(5)]
    with pytest.raises(EngineDied):
        await ask(members, talk("m"))
    assert sum(bool(member.asked) for member in members) == met


async def test_a_vote_stops_asking_when_two_have_died() -> None:
    members = [Writer(f"{at}", 0, model=f"m{at}") for at in range(5)]
    with pytest.raises(EngineDied):
        await ask(members, request("swarm", "auto"))
    assert sum(bool(member.asked) for member in members) == 2


async def test_members_that_are_only_away_are_all_tried() -> None:
    members = [*(Writer(f"{at}", 0, Unavailable("Not now.")) for at in range(4)), Writer("last")]
    candidate, _ = await ask(members, talk("m"))
    assert candidate.member == "last"


async def test_whatever_one_does_wrong_another_answers() -> None:
    candidate, heard = await ask([Writer("one", 0, ZeroDivisionError()), Writer("two")], talk("m"))
    assert candidate.message.text == TEXT and heard.in_order
    candidate, heard = await ask([Writer("one", 9, ZeroDivisionError()), Writer("two")], talk("m"))
    assert said(heard.events) == candidate.message.text == TEXT


@pytest.mark.parametrize("error", [DIED, ZeroDivisionError()])
async def test_one_that_fails_does_not_end_a_vote(error: Exception) -> None:
    call = [(arguments, PATH)]
    members = [Writer("one", 3, error, stretches=call), *(Writer(f"{at}", stretches=call) for at in range(2))]
    candidate, heard = await ask(members, request("swarm:vote", policy=Policy(candidates=3)))
    assert candidate.message.calls[0].arguments == PATH
    assert [ballot.valid for ballot in heard.verdict.ballots].count(True) >= 2


async def test_words_that_were_told_before_a_call_go_on() -> None:
    """Under `swarm` the words of the first are told at once, and its call when it is chosen."""
    stretches = [(words, "Let me see."), (arguments, PATH)]
    members = [Writer("one", 7, stretches=stretches), Writer("two", stretches=stretches)]
    candidate, heard = await ask(members, request("swarm", "auto"))
    assert said(heard.events) == candidate.message.text == "Let me see."
    assert candidate_of(heard.events, 0).message.calls[0].arguments == PATH
    assert heard.in_order and len(heard.verdict.warnings) == 1


async def test_the_next_turn_is_led_to_whom_went_on() -> None:
    members = [Writer("one", 9), Writer("two")]
    swarm = Swarm(members)
    await swarm.answer(talk("m", session="s"), Heard().emit)
    await swarm.answer(talk("m", session="s"), Heard().emit)
    assert [len(member.asked) for member in members] == [1, 2]


async def test_a_death_at_the_very_end_tells_one_end() -> None:
    class Broken(Writer):
        async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
            await super().generate(request, emit)
            raise DIED

    candidate, heard = await ask([Broken("one"), Writer("two")], talk("m"))
    assert said(heard.events) == candidate.message.text == TEXT
    assert heard.in_order
