"""Generate, call, append, again: the rounds of one answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NoReturn

import anyio

from ...chat import Candidate, ChatRequest, Emit, Message, Outcome, Reason, Step, Text, ToolCall, ToolChoice, Usage
from ...errors import ContextOverflow, HalfDone, SwarmError
from ..hands import Hands
from ..upstream.refusals import Misfit
from . import conversation
from .bounds import Bounds, reached, total, warning
from .circles import reminded, repeats, worn
from .client import Client
from .offer import CLIENT_ONLY, Offer, turns
from .round import Round
from .slips import MOST, slipped, wrong
from .words import Words

Generate = Callable[[ChatRequest, Emit], Awaitable[list[Candidate]]]
SILENT = "it had ended without an answer"
NOT_KNOWN = "It took too long, and it is not known what came of this call. It is not repeated."
AGAIN = "Tools had been used for this answer by then, and the same request would use them once more."
TOO_LATE = "Nothing was done: the time that there is for one answer was over before this call had its turn."


@dataclass(frozen=True, slots=True)
class Ground:
    """What all rounds stand on."""

    hands: Hands
    bounds: Bounds
    words: Words
    keep: Callable[[Sequence[str], Sequence[Message]], None]


class Loop:
    """`sees`: the model can be shown pictures."""

    def __init__(
        self, request: ChatRequest, offer: Offer, ground: Ground, generate: Generate, emit: Emit, sees: bool = False
    ) -> None:
        self._request = offer.request(request)
        self._offer = offer
        self._ground = ground
        self._generate = generate
        self._sees = sees
        self._client = Client(emit, offer.warnings)
        self._first = len(request.messages)
        self._said: list[Message] = []  # in each round that had calls
        self._usages: list[Usage] = []
        self._begun = anyio.current_time()
        self._why = ""  # the round that is asked for is the last one
        self._silent = False  # the model said nothing in the round before
        self._silences = 0
        self._slips = 0
        self._wrong = ""  # with what it said last, which was not taken
        self._changed = False  # a call may have changed something

    async def run(self) -> list[Candidate]:
        while True:
            heard = Round(self._client)
            said = await self._next(heard)
            self._usages.append(said.usage)
            message = conversation.whole(said, self._offer.choice.parallel)
            calls = message.calls if self._may_call else ()
            acts = any(self._offer.hosts(call) for call in calls)
            slips = not calls and self._slipped(said)
            await (heard.note_all() if acts or slips else heard.say_all())
            if slips or self._falls_silent(said, calls):
                continue
            if not calls or not (acts or self._said):
                return [await self._end(said, heard, calls, said.reason)]
            back = await self._carry_out(message)
            if back:
                return [await self._end(said, heard, back, "tool_calls")]
            if self._left == 0:
                return [await self._end(said, heard, (), "length")]
            self._client.next_round()

    def _slipped(self, said: Candidate) -> bool:
        """It meant to call, and nobody can read what. It is told so, a few times."""
        text = said.message.text
        if not self._may_call or self._left == 0 or self._slips >= MOST or not slipped(text, self._offer.host):
            return False
        self._slips += 1
        told = Message("assistant", (Text(text),)), Message("user", (Text(self._ground.words.unreadable),))
        self._request = replace(self._request, messages=(*self._request.messages, *told))
        return True

    def _falls_silent(self, said: Candidate, calls: Sequence[ToolCall]) -> bool:
        """Small models stop after a result as if it were the answer. They are asked again: to go on, then for words."""
        more = bool(self._said) and not self._why and self._left != 0
        # Where a text of the client's own stopped it, nothing is what was asked for.
        empty = said.reason == "stop" and not said.stop and not calls and not said.message.text.strip()
        self._silent = more and empty
        self._silences += self._silent
        return self._silent

    async def _next(self, heard: Round) -> Candidate:
        """What the model says next. Results that do not fit any more are cut until they do."""
        self._why = reached(self._ground.bounds, self._said, self._seconds, total(self._usages))
        if self._silent and self._silences > 1:
            self._why = SILENT
        if self._why:
            self._client.warnings.append(warning(self._why))
        while True:
            try:
                (said,) = await self._generate(self._asked(), heard.hear)
                self._wrong = ""
                return said
            except ContextOverflow:
                messages = conversation.shorter(self._request.messages, self._first)
                if messages is None:
                    raise
                self._request = replace(self._request, messages=messages)
            except Misfit as misfit:
                if not self._takes_back(heard):
                    self._fail(misfit)
                self._wrong = wrong(misfit.what, () if self._why else self._offer.names)
            except SwarmError as error:
                self._fail(error)

    def _takes_back(self, heard: Round) -> bool:
        """A server that holds its model to nothing passes on what cannot be. Behind a result the model can be told."""
        self._slips += 1
        return bool(self._said) and self._slips <= MOST and heard.forget()

    def _fail(self, error: SwarmError) -> NoReturn:
        if error.status < 500 or not self._changed:
            raise error
        raise HalfDone(f"{error.message.rstrip('.')}. {AGAIN}") from error

    def _asked(self) -> ChatRequest:
        request, choice = self._request, self._offer.choice
        sampling = replace(request.sampling, max_tokens=self._left)
        if not self._usages:
            return replace(request, sampling=sampling)
        messages = request.messages
        if self._why:
            choice = ToolChoice("none")
            messages = conversation.with_words(messages, self._ground.words.last)
        elif choice.mode == "required" and self._said:
            # What had to be called was called.
            choice = replace(choice, mode="auto")
        if self._wrong:
            messages = conversation.with_words(messages, self._wrong)
        elif choice.mode == "auto" and (others := self._offer.others(worn(self._said))):
            # Told in words, a small model makes the same call a third time.
            choice = replace(choice, mode="required", names=others)
        if self._silent and not self._why:
            messages = conversation.with_words(messages, self._ground.words.on)
        number = len(self._usages) + self._slips + 1
        return replace(request, id=f"{request.id}-{number}", messages=messages, tool_choice=choice, sampling=sampling)

    @property
    def _may_call(self) -> bool:
        return not self._why and self._offer.choice.mode != "none"

    @property
    def _seconds(self) -> float:
        return anyio.current_time() - self._begun

    @property
    def _left(self) -> int | None:
        """Of the tokens that the client wants at most, in all."""
        most = self._request.sampling.max_tokens
        return None if most is None else max(0, most - total(self._usages).completion)

    async def _carry_out(self, message: Message) -> list[ToolCall]:
        """The calls of the tool host; those that remain are for the client, under ids of our own."""
        message = conversation.distinct(message, conversation.ids(self._request.messages))
        done: dict[str, Outcome] = {}
        for at, turn in enumerate(turns([call for call in message.calls if self._offer.hosts(call)])):
            late = at > 0 and self._seconds >= self._ground.bounds.seconds
            async with anyio.create_task_group() as group:
                for call in turn:
                    group.start_soon(self._execute, call, done, late)
        executed = [(call, self._told(call, done[call.id])) for call in message.calls if call.id in done]
        message = conversation.with_calls(message, partial(_renamed, frozenset(done)))
        self._said.append(message)
        messages = (*self._request.messages, message, *conversation.results(executed, self._sees))
        self._request = replace(self._request, messages=messages)
        back = [call for call in message.calls if call.id not in done]
        if back:
            self._ground.keep([call.id for call in back], messages[self._first :])
        return back

    def _told(self, call: ToolCall, outcome: Outcome) -> Outcome:
        if not repeats(call, self._said):
            return outcome
        return replace(outcome, content=reminded(outcome, self._ground.words.again))

    async def _execute(self, call: ToolCall, done: dict[str, Outcome], late: bool) -> None:
        """The host knows it by an id that no model had a say in."""
        sent = replace(call, id=conversation.new_id())
        outcome = Outcome(sent.id, sent.name, "failed", TOO_LATE) if late else await self._outcome(sent)
        if outcome.state == "client" and call.name in CLIENT_ONLY:
            return
        done[call.id] = outcome
        self._changed |= self._offer.changes(call) and outcome.state != "denied"
        await self._client.step(Step(len(self._said) + 1, sent, outcome))

    async def _outcome(self, call: ToolCall) -> Outcome:
        if not self._offer.allows(call):
            names = ", ".join(self._offer.names)
            return Outcome(call.id, call.name, "failed", f"There is no tool {call.name[:80]!r}. There are: {names}.")
        begun, bounds = anyio.current_time(), self._ground.bounds
        with anyio.move_on_after(max(bounds.grace, self._begun + bounds.seconds - begun)):
            try:
                return await self._ground.hands.execute(call, self._request.id, self._session)
            except SwarmError as error:
                return Outcome(call.id, call.name, "failed", f"Nothing was done. {error.message}")
        return Outcome(call.id, call.name, "unknown", NOT_KNOWN, seconds=anyio.current_time() - begun)

    @property
    def _session(self) -> str:
        return self._request.session or self._request.id

    async def _end(self, said: Candidate, heard: Round, calls: Sequence[ToolCall], reason: Reason) -> Candidate:
        if reason == "tool_calls" and not calls:
            reason = "stop"  # a client that looks for calls would wait for ever
        return await self._client.end(said, heard.verdict, total(self._usages), calls, reason)


def _renamed(done: frozenset[str], call: ToolCall) -> ToolCall:
    """What goes to the client comes back under this id, and only then is known again."""
    return call if call.id in done else replace(call, id=conversation.new_id())
