"""A swarm that tells of a vote, whatever was asked of it, and remembers what that was."""

import contextlib
from collections.abc import Iterator, Sequence

from localswarm.api.guard import Access
from localswarm.chat import (
    Accepted,
    Ballot,
    Candidate,
    ChatRequest,
    Chosen,
    Emit,
    Event,
    Finished,
    Message,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    Verdict,
)
from localswarm.swarm.answer import Swarm

from ..swarm.scripted import ScriptedMember, candidate_of
from .serving import serving

CALL = ToolCall("c1", "Read", '{"path":"a"}')
BALLOTS = (
    Ballot("otter", "small", True, "", "short", 0, 0.7654, 1.23456, 2, Message("assistant", (Text("It is 42."),))),
    Ballot("finch", "small", True, "", "short", 1, 0.3, 2.0, 9, Message("assistant", (Text("It is 41."), CALL))),
    Ballot("heron", "large", True, "", "short", 0, 0.5, 1.5, 4, Message("assistant", (Text("42"),))),
    Ballot("raven", "large", False, "it was cut off", None, None, 0.0, 3.0, 8),
)
VERDICT = Verdict("short", "vote", BALLOTS, 0, 1, 0.80839, None, 1, True, ("One was slow.",))
SINGLE = Verdict("prose", "single", BALLOTS[:1], 0)
ANSWER = (TextDelta("It is "), TextDelta("42."))


def told(verdict: Verdict | None = VERDICT, warnings: tuple[str, ...] = ()) -> list[Event]:
    chosen: list[Event] = [Chosen(verdict)] if verdict else []
    return [Accepted(5, warnings), *ANSWER, *chosen, Finished("stop", Usage(5, 2))]


class ChoosingSwarm(Swarm):
    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__([ScriptedMember()])
        self._events = events
        self.asked: list[ChatRequest] = []

    async def answer(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self.asked.append(request)
        for event in self._events:
            await emit(event)
        return [candidate_of(self._events, index) for index in range(request.policy.choices)]


@contextlib.contextmanager
def choosing(events: Sequence[Event] | None = None, key: str | None = None) -> Iterator[tuple[str, ChoosingSwarm]]:
    swarm = ChoosingSwarm(told() if events is None else events)
    with serving(swarm, Access(key)) as address:
        yield address, swarm
