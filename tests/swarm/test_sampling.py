import math
from dataclasses import replace
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from localswarm.chat import (
    Accepted,
    Branch,
    Candidate,
    ChatRequest,
    Chosen,
    Emit,
    Event,
    Finished,
    Policy,
    ResponseFormat,
    Sampling,
    TextDelta,
    ToolCallDelta,
    Undecided,
    Usage,
    Verdict,
)
from localswarm.errors import BadRequest, ContextOverflow, NoQuorum, SwarmError, UpstreamFault
from localswarm.swarm import answer
from localswarm.swarm.answer import Choosing, Swarm
from localswarm.swarm.report import line
from localswarm.swarm.terms import Defaults

from .polled import Heard, Named, ask, request, talk
from .scripted import Script, Step, calls, says

A = calls("read", '{"path": "a"}')
B = calls("read", '{"path": "b"}')
CUT: list[Step] = [*A[:2], Finished("length", Usage(5, 2, 0))]
SLEEPY: list[Step] = [30.0, *B]
GARBAGE = calls("rm", "{}")
GOOD = calls("read", '{"path": "notes.txt"}')


def one_by_one(*scripts: list[Step]) -> Script:
    """Each that asks gets the next."""
    left = list(scripts)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def of(verdict: Verdict, what: str) -> list[Any]:
    return [getattr(ballot, what) for ballot in verdict.ballots]


async def test_most_votes_win_and_losers_are_cancelled() -> None:
    members = [Named("one", A), Named("two", B), Named("three", [0.05, *A]), Named("four", SLEEPY)]
    with anyio.fail_after(5):
        candidate, heard = await ask(members, request(policy=Policy(candidates=4)))
    assert candidate.message.calls[0].arguments == '{"path": "a"}'
    verdict = heard.verdict
    assert (verdict.kind, verdict.method, verdict.requested, verdict.valid) == ("tool_call", "vote", 4, 3)
    assert (verdict.cancelled, verdict.early_stop) == (1, True)
    assert verdict.runner_up == 1
    assert members[3].left == 1, "the sleeper was told to stop"
    assert heard.in_order


async def test_members_come_before_more_seats_and_seats_have_names() -> None:
    members = [Named("one", A), Named("two", A)]
    _, heard = await ask(members, request(policy=Policy(candidates=4, quorum=4)))
    assert len(set(of(heard.verdict, "seat"))) == 4
    assert [len(member.asked) for member in members] == [2, 2]
    assert of(heard.verdict, "model") == ["one", "two", "one", "two"]


async def test_the_first_is_greedy_and_the_others_differ() -> None:
    member = Named("one", A)
    await ask([member], request(sampling=Sampling(seed=5), policy=Policy(candidates=3, quorum=3)))
    asked = [(one.sampling.temperature, one.sampling.seed) for one in member.asked]
    assert asked == [(0.0, 5), (0.8, 6), (0.8, 7)]
    assert len({one.id for one in member.asked}) == 3


async def test_a_wished_temperature_is_kept_for_the_first() -> None:
    member = Named("one", A)
    wish = Sampling(temperature=0.3, temperature_set=True)
    await ask([member], request(sampling=wish, policy=Policy(candidates=2, quorum=2)))
    assert [one.sampling.temperature for one in member.asked] == [0.3, 0.7]


@pytest.mark.parametrize("bad", [CUT, GARBAGE, [UpstreamFault("It broke.")]], ids=["cut", "garbage", "failed"])
async def test_an_invalid_one_has_no_vote_and_is_replaced_once(bad: list[Step]) -> None:
    member = Named("one", one_by_one(A, bad, A, A))
    _, heard = await ask([member, Named("two", A)], request(policy=Policy(candidates=4, quorum=4)))
    verdict = heard.verdict
    assert (verdict.requested, verdict.valid) == (5, 4)
    assert len([why for why in of(verdict, "why") if why]) == 1


async def test_where_none_is_valid_the_first_is_given_as_it_is() -> None:
    member = Named("one", CUT)
    candidate, heard = await ask([member], request(policy=Policy(candidates=2)))
    assert candidate.reason == "length"
    assert heard.verdict.valid == 0
    assert heard.verdict.warnings
    assert len(member.asked) == 4, "each was replaced once"
    assert heard.in_order


async def test_where_all_fail_the_first_error_is_told() -> None:
    members = [Named("one", [UpstreamFault("First.")]), Named("two", [UpstreamFault("Second.")])]
    with pytest.raises(SwarmError, match="First"):
        await ask(members, request())


async def test_what_is_wrong_with_the_request_is_told_at_once() -> None:
    members = [Named("one", [BadRequest("No such role.")]), Named("two", SLEEPY)]
    with anyio.fail_after(5), pytest.raises(BadRequest):
        await ask(members, request("swarm"))


async def test_quorum_that_was_asked_for_and_missed_is_an_error() -> None:
    member = Named("one", one_by_one(A, CUT, CUT, CUT, CUT))
    with pytest.raises(NoQuorum) as caught:
        await ask([member], request(policy=Policy(candidates=3, quorum=3)))
    assert caught.value.status == 503


async def test_a_quorum_does_not_hide_what_is_wrong_with_the_request() -> None:
    member = Named("one", [ContextOverflow(9000, 8192)])
    with pytest.raises(ContextOverflow):
        await ask([member], request(policy=Policy(quorum=2)))


async def test_words_are_not_told_before_a_quorum_is_there() -> None:
    slow: list[Step] = [Accepted(5), TextDelta("Once upon "), 1.0, TextDelta("a time."), Finished("stop", Usage(5, 2))]
    members = [Named("one", slow), Named("two", says("No."))]
    choosing = Choosing(defaults=Defaults(quorum=2, patience=0.1))
    candidate, heard = await ask(members, request("swarm", "auto"), choosing)
    assert [event.text for event in heard.events if isinstance(event, TextDelta)] == [candidate.message.text] == ["No."]


async def test_json_is_voted_on_where_that_is_asked_for() -> None:
    member = Named("one", says('{"a": 1}'))
    wanted = ResponseFormat({"type": "object"})
    await ask([member], talk("swarm", response_format=wanted))
    assert len(member.asked) == 1
    _, heard = await ask([member], talk("swarm:vote", response_format=wanted, policy=Policy(quorum=5)))
    assert (len(member.asked), heard.verdict.kind) == (6, "json")
    assert heard.verdict.agreement == pytest.approx(1.0)


async def test_patience_begins_with_the_first_valid_answer() -> None:
    members = [Named("bad", [0.05, *GARBAGE]), Named("two", [0.05, *A]), Named("three", [0.3, *B])]
    _, heard = await ask(members, request(policy=Policy(candidates=3, patience=5.0)))
    assert of(heard.verdict, "valid")[:3] == [False, True, True]


async def test_a_straggler_is_not_waited_for() -> None:
    members = [Named("one", A), Named("two", B), Named("slow", SLEEPY)]
    with anyio.fail_after(5):
        _, heard = await ask(members, request(policy=Policy(candidates=3, patience=0.2)))
    assert heard.verdict.cancelled == 1
    assert of(heard.verdict, "valid") == [True, True, False]
    assert of(heard.verdict, "seconds")[2] >= 0.2, "so long it was waited for"


async def test_what_all_say_word_for_word_is_one_answer() -> None:
    _, heard = await ask([Named("one", A)], request(policy=Policy(candidates=5, quorum=5)))
    assert heard.verdict.agreement == pytest.approx(1.0)
    assert {ballot.group for ballot in heard.verdict.ballots} == {0}


async def test_auto_asks_nobody_else_where_the_first_is_good_enough() -> None:
    member = Named("one", GOOD)
    _, heard = await ask([member], request("swarm"))
    assert len(member.asked) == 1
    assert (heard.verdict.method, heard.verdict.requested) == ("single", 1)


async def test_auto_asks_the_others_where_the_first_says_what_nobody_mentioned() -> None:
    torn = Named("one", one_by_one(A, B, calls("read", '{"path": "c"}'), B, B))
    candidate, heard = await ask([torn], request("swarm"))
    assert len(torn.asked) == 5
    assert candidate.message.calls[0].arguments == '{"path": "b"}'
    assert heard.verdict.method == "vote"


async def test_a_call_that_the_request_supports_wins_over_more_votes() -> None:
    member = Named("one", one_by_one(A, A, GOOD, A, A))
    candidate, heard = await ask([member], request("swarm"))
    assert candidate.message.calls[0].arguments == '{"path": "notes.txt"}'
    assert heard.verdict.winner == 2
    assert heard.verdict.confidence and heard.verdict.confidence > 0.8


async def test_a_call_that_nobody_asked_for_is_left_out_of_what_a_weak_model_says() -> None:
    twice = [*GOOD[:-1], ToolCallDelta(1, '{"path": "c"}', "call_2", "read"), GOOD[-1]]
    strong, _ = await ask([Named("one", twice)], request("swarm"))
    assert len(strong.message.calls) == 2, "what follows from a request is not always said in it"
    weak = Choosing(strength=lambda served: 0.1)
    candidate, heard = await ask([Named("one", twice)], request("swarm"), weak)
    assert [call.id for call in candidate.message.calls] == ["call_1"]
    assert {event.index for event in heard.events if isinstance(event, ToolCallDelta)} == {0}
    assert "1 calls were left out" in heard.verdict.warnings[0]


async def test_auto_takes_idle_seats_only() -> None:
    busy = Named("one", A, seats=2, running=1)
    await ask([busy], request("swarm"))
    assert len(busy.asked) == 1
    await ask([busy], request("swarm:vote"))
    assert len(busy.asked) == 6, "a vote that is asked for takes all the seats there are, one after the other"


async def test_auto_tells_words_live_and_then_the_winning_call() -> None:
    chatty = Named("one", one_by_one(calls("read", '{"path": "a"}', text="Let me see."), B, B, B, B))
    candidate, heard = await ask([chatty], request("swarm", "auto"))
    assert [event.text for event in heard.events if isinstance(event, TextDelta)] == ["Let me see."]
    assert candidate.message.text == "Let me see."
    assert candidate.message.calls[0].arguments == '{"path": "b"}'
    told = [event.arguments for event in heard.events if isinstance(event, ToolCallDelta)]
    assert "".join(told) == '{"path": "b"}'
    assert heard.in_order


async def test_words_that_win_behind_other_words_are_not_lost() -> None:
    first = calls("rm", '{"path": "a"}', text="Let me see. ")
    candidate, heard = await ask([Named("one", one_by_one(first, *[says("No need.")] * 9))], request("swarm", "auto"))
    told = "".join(event.text for event in heard.events if isinstance(event, TextDelta))
    assert told == candidate.message.text == "Let me see. No need."
    assert heard.in_order


async def test_auto_that_talks_is_not_asked_again() -> None:
    member = Named("one", says("It is ", "fine."))
    candidate, heard = await ask([member], request("swarm", "auto"))
    assert candidate.message.text == "It is fine."
    assert len(member.asked) == 1
    assert heard.in_order


async def test_a_leader_that_dies_after_words_ends_in_an_error() -> None:
    member = Named("one", [*says("Let me")[:2], UpstreamFault("Gone.")])
    with pytest.raises(UpstreamFault):
        await ask([member, Named("two", A)], request("swarm", "auto"))


async def test_a_leader_that_dies_before_a_word_is_replaced() -> None:
    _, heard = await ask([Named("one", [UpstreamFault("Gone.")]), Named("two", GOOD)], request("swarm", "auto"))
    assert heard.in_order
    assert of(heard.verdict, "valid") == [False, True]


@pytest.mark.parametrize("model", ["swarm:fast", "one"])
async def test_others_are_asked_by_nobody_else(model: str) -> None:
    member = Named("one", A)
    _, heard = await ask([member], request(model))
    assert len(member.asked) == 1
    assert heard.verdict.method == "single"
    assert heard.in_order


async def test_a_models_own_name_can_vote_among_its_members() -> None:
    members = [Named("one", A, model="m"), Named("two", B, model="other"), Named("three", A, model="m")]
    await ask(members, request("m", policy=Policy(strategy="vote", candidates=4, quorum=4)))
    assert [len(member.asked) for member in members] == [2, 0, 2]


async def test_several_answers_side_by_side_are_all_given() -> None:
    heard_of = Named("one", says("a"))
    heard: list[Event] = []

    async def emit(event: Event) -> None:
        heard.append(event)

    found = await Swarm([heard_of]).answer(talk(policy=Policy(2)), emit)
    assert len(found) == 2
    assert len([one for one in heard if isinstance(one, Chosen)]) == 1


async def test_a_client_that_leaves_stops_all() -> None:
    members = [Named("one", SLEEPY), Named("two", SLEEPY)]
    with anyio.move_on_after(0.1):
        await ask(members, request())
    assert [member.left for member in members] == [1, 1]


async def test_two_votes_at_once() -> None:
    members = [Named("one", [0.05, *A]), Named("two", [0.02, *A])]
    found: list[tuple[Candidate, Heard]] = []

    async def one() -> None:
        found.append(await ask(members, request()))

    async with anyio.create_task_group() as group:
        group.start_soon(one)
        group.start_soon(one)
    assert all(heard.in_order for _, heard in found)


@pytest.mark.parametrize("model", ["swarm:vote", "swarm:fast"])
async def test_two_requests_at_once_name_different_seats(model: str) -> None:
    swarm = Swarm([Named("one", [0.05, *A], seats=4)])
    first, second, later = Heard(), Heard(), Heard()
    asked = request(model, policy=Policy(candidates=2))
    async with anyio.create_task_group() as group:
        group.start_soon(swarm.answer, asked, first.emit)
        group.start_soon(swarm.answer, asked, second.emit)
    seats = [set(of(heard.verdict, "seat")) for heard in (first, second)]
    assert not seats[0] & seats[1]
    await swarm.answer(asked, later.emit)
    assert set(of(later.verdict, "seat")) <= seats[0] | seats[1], "they are free again"


async def test_who_is_cancelled_or_leaves_leaves_his_seat() -> None:
    swarm, names = Swarm([Named("one", SLEEPY, seats=2)]), []
    for _ in range(3):
        with anyio.move_on_after(0.02):
            await swarm.answer(request(), Heard().emit)
    swarm = Swarm([Named("one", one_by_one(A, SLEEPY, A, SLEEPY), seats=2)])
    for _ in range(2):
        heard = Heard()
        await swarm.answer(request(policy=Policy(candidates=2, patience=0.02)), heard.emit)
        names.append(of(heard.verdict, "seat"))
    assert names[0] == names[1]


async def undecided(members: list[Named], asked: ChatRequest) -> tuple[SwarmError, Verdict]:
    heard, told = Heard(), list[Verdict]()
    swarm = Swarm(members, choosing=Choosing(tell=lambda _, verdict: told.append(verdict)))
    with pytest.raises(SwarmError) as failed:
        await swarm.answer(asked, heard.emit)
    (verdict,) = [event.verdict for event in heard.events if isinstance(event, Undecided)]
    assert isinstance(heard.events[-1], Undecided) and told == [verdict]
    assert (verdict.method, verdict.winner, verdict.won) == ("none", None, None)
    return failed.value, verdict


async def test_a_missed_quorum_tells_what_there_was() -> None:
    members = [Named("one", one_by_one(A, CUT)), Named("two", CUT), Named("three", [UpstreamFault("Gone.")])]
    error, verdict = await undecided(members, request(policy=Policy(quorum=3, candidates=3)))
    assert isinstance(error, NoQuorum)
    assert verdict.kind == "tool_call" and verdict.warnings == (error.message,)
    assert {(one.valid, one.why) for one in verdict.ballots} >= {
        (True, ""),
        (False, "It was cut off."),
        (False, "Gone."),
    }
    assert verdict.valid == 1
    assert "no answer" in line(verdict)


@pytest.mark.parametrize(
    ("steps", "asked", "kind"),
    [
        ([UpstreamFault("Gone.")], request(), "tool_call"),
        ([UpstreamFault("Gone.")], talk(), "prose"),
        ([BadRequest("No.")], talk(response_format=ResponseFormat({})), "json"),
        ([*says("Well")[:2], UpstreamFault("Gone.")], request("swarm", "auto"), "tool_call"),
    ],
    ids=["all failed", "of texts", "refused", "after words"],
)
async def test_a_vote_that_fails_tells_why_each_did(steps: list[Step], asked: ChatRequest, kind: str) -> None:
    error, verdict = await undecided([Named("one", steps)], asked)
    assert verdict.kind == kind and verdict.ballots
    assert {one.why for one in verdict.ballots} == {error.message}


async def test_each_vote_is_told_once() -> None:
    told: list[tuple[str, str]] = []

    def tell(asked: ChatRequest, verdict: Verdict) -> None:
        told.append((asked.id, verdict.kind))

    choosing = Choosing(tell=tell)
    await ask([Named("one", A)], request(), choosing)
    assert told == [("r", "tool_call")]


class Branching(Named):
    """Its first answer says where it nearly went on otherwise."""

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        found = await super().generate(request, emit)
        branches = tuple(Branch((at,), (-float(at),)) for at in range(1, 4))
        return [replace(one, branches=() if request.begun else branches) for one in found]


@pytest.mark.parametrize("model", ["swarm", "swarm:vote"])
async def test_others_of_a_member_go_on_where_its_first_answer_nearly_did(model: str) -> None:
    member = Branching("one", one_by_one(A, B, calls("read", '{"path": "c"}'), B, B))
    await ask([member], request(model, policy=Policy(candidates=5, quorum=5)))
    begun = [one.begun.tokens if one.begun else None for one in member.asked]
    assert begun == [None, (1,), (2,), (3,), None], "the nearest first; where there are no more it is chance"
    assert [one.sampling.temperature for one in member.asked] == [0, 0, 0, 0, 0.8]


async def test_another_member_does_not_wait_for_the_first_one_and_has_no_part_in_its_branches() -> None:
    first, other = Branching("one", [0.1, *A]), Named("two", A)
    await ask([first, other], request(policy=Policy(candidates=4, quorum=4)))
    assert [one.begun is None for one in first.asked] == [True, False]
    assert [one.begun for one in other.asked] == [None, None]


async def test_who_wants_log_probabilities_gets_those_of_a_whole_answer() -> None:
    member = Branching("one", A)
    await ask([member], request(policy=Policy(candidates=3, quorum=3), sampling=Sampling(logprobs=0)))
    assert [one.begun for one in member.asked] == [None] * 3


async def test_who_talks_does_not_outvote_a_first_one_that_was_heard_and_called() -> None:
    member = Named("one", one_by_one(calls("read", '{"path": "a"}', text="Let me see."), says("No."), says("No.")))
    candidate, heard = await ask([member], request("swarm", "auto"))
    assert candidate.message.calls[0].arguments == '{"path": "a"}'
    assert heard.verdict.ballots[1].why.startswith("It talks")
    assert heard.in_order


async def test_a_frozen_first_member_is_not_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(answer, "SILENT_TIMES", 0.0)
    frozen, other = Named("one", [30.0, *GOOD]), Named("two", GOOD)
    with anyio.fail_after(5):
        _, heard = await ask([frozen, other], request("swarm"))
    assert of(heard.verdict, "valid") == [False, True]
    assert frozen.left == 1


async def test_a_quorum_that_is_asked_for_is_a_vote_also_of_words() -> None:
    member = Named("one", says("Yes."))
    for model in ("swarm", "one"):
        member.asked.clear()
        await ask([member], talk(model, policy=Policy(quorum=3)))
        assert len(member.asked) >= 3


async def test_an_only_seat_is_used_again_for_who_stands_in() -> None:
    member = Named("one", one_by_one(CUT, A), seats=1)
    _, heard = await ask([member], request(policy=Policy(candidates=1, strategy="vote", quorum=1)))
    assert heard.verdict.requested == 1
    _, heard = await ask([Named("one", one_by_one(CUT, A), seats=1)], request(policy=Policy(candidates=2)))
    assert heard.verdict.valid == 2


async def test_what_was_cancelled_had_its_cost() -> None:
    slow = [*B[:2], *[ToolCallDelta(0, "x" * 40)] * 10, 30.0, B[-1]]
    members = [Named("one", A), Named("two", slow)]
    _, heard = await ask(members, request(policy=Policy(candidates=2, patience=0.2)))
    assert heard.verdict.ballots[1].tokens >= 50


async def test_a_long_winner_is_told_while_others_are_served() -> None:
    heard, served = Heard(), list[int]()

    async def other() -> None:
        while True:
            served.append(len(heard.events))
            await checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(other)
        await Swarm([Named("one", says(*(f"word{at} " for at in range(400))))]).answer(talk(), heard.emit)
        group.cancel_scope.cancel()
    assert len(set(served)) > 100


class Claiming(Named):
    """Says how likely its words were."""

    def __init__(self, name: str, script: list[Step], chances: tuple[float, ...]) -> None:
        super().__init__(name, script)
        self._chances = chances

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        return [replace(one, chances=self._chances) for one in await super().generate(request, emit)]


@pytest.mark.parametrize("chances", [(math.nan,), (math.inf,), (-math.inf,), (1e308, 1e308), (5.0,), (0.0,) * 1000])
@pytest.mark.parametrize("model", ["swarm", "swarm:vote"])
async def test_who_claims_to_be_surer_than_can_be_gains_nothing(chances: tuple[float, ...], model: str) -> None:
    members = [Named("one", A), Claiming("liar", B, chances), Named("two", A)]
    candidate, heard = await ask(members, request(model, policy=Policy(candidates=3)))
    assert candidate.message.calls[0].arguments == '{"path": "a"}'
    assert heard.verdict.confidence is not None and heard.verdict.confidence < 0.9
