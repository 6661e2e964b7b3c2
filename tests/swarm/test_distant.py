"""Hands on another machine: a call is sent until something is heard of it, under one id, and then no more."""

from collections.abc import Awaitable, Callable, Sequence

import anyio
import pytest
from localswarm.chat import Outcome, ToolCall, ToolSpec
from localswarm.errors import BadRequest, Forbidden, SwarmError, Unanswered, Unavailable
from localswarm.swarm.distant import Distant, Host
from localswarm.swarm.neighbours import ToolPlace

CALL = ToolCall("c1", "write", '{"path": "a"}')
DONE = Outcome("c1", "write", "done", "written")
GONE = Unanswered("It broke off.")
Alive = Callable[[], None]
Said = Outcome | SwarmError | Callable[[Alive], Awaitable[Outcome]]


class ScriptedHost:
    """Answers so, one attempt after the other; the last of it for ever."""

    def __init__(self, *said: Said, name: str = "desk") -> None:
        self.name = name
        self.key: object = name
        self.calls: list[tuple[ToolCall, str, str]] = []
        self.listed = 0
        self.refusal: SwarmError | None = None
        self._said = list(said)

    async def specs(self) -> Sequence[ToolSpec]:
        self.listed += 1
        if self.refusal:
            raise self.refusal
        return (ToolSpec("write"),)

    async def attempt(self, call: ToolCall, who: str, session: str, alive: Alive) -> Outcome:
        self.calls.append((call, who, session))
        said = self._said.pop(0) if len(self._said) > 1 else self._said[0]
        if isinstance(said, SwarmError):
            raise said
        return said if isinstance(said, Outcome) else await said(alive)


async def silent(alive: Alive) -> Outcome:
    await anyio.sleep(60)
    raise AssertionError("it waited too long")


async def slow(alive: Alive) -> Outcome:
    for _ in range(4):
        await anyio.sleep(0.5)
        alive()
    return DONE


def nobody() -> Host:
    raise Unavailable("No machine has tools.")


@pytest.mark.parametrize(
    ("said", "state", "words", "attempts"),
    [
        ((DONE,), "done", "written", 1),
        ((GONE, DONE), "done", "written", 2),
        ((GONE, Unavailable("It cannot be reached."), DONE), "done", "written", 3),
        # It never got there.
        ((Unavailable("It cannot be reached."),), "failed", "It cannot be reached. Nothing was done.", 1),
        ((BadRequest("That is no call."),), "failed", "That is no call. Nothing was done.", 1),
        ((Forbidden("You may not."),), "denied", "You may not. Nothing was done.", 1),
        # The first time it may have been done.
        ((GONE, Forbidden("You may not.")), "unknown", "It is not known", 2),
        ((slow,), "done", "written", 1),
        ((silent,), "unknown", "It is not known", 1),
    ],
)
async def test_what_came_of_it(said: tuple[Said, ...], state: str, words: str, attempts: int) -> None:
    host = ScriptedHost(*said)
    with anyio.fail_after(5):
        outcome = await Distant(lambda: host, patience=1.5).execute(CALL, "me", "s")
    assert (outcome.id, outcome.tool, outcome.state) == ("c1", "write", state)
    assert outcome.content.startswith(words) and len(host.calls) == attempts
    assert set(host.calls) == {(CALL, "me", "s")}, "it is the same call each time"


async def test_a_host_that_never_answers_is_not_waited_for() -> None:
    begun = anyio.current_time()
    outcome = await Distant(lambda: ScriptedHost(GONE), patience=1.2).execute(CALL, "me")
    assert outcome.state == "unknown" and 1 < anyio.current_time() - begun < 3


async def test_no_host() -> None:
    distant = Distant(nobody)
    assert (await distant.execute(CALL, "me")).content == "No machine has tools. Nothing was done."
    with pytest.raises(Unavailable, match="No machine has tools"):
        await distant.specs()
    assert distant.place.trouble == "No machine has tools."


async def test_a_list_is_kept_until_the_host_has_other_tools() -> None:
    host = ScriptedHost(DONE)
    distant = Distant(lambda: host)
    assert [spec.name for spec in await distant.specs()] == ["write"]
    await distant.specs()
    assert host.listed == 1
    host.key = "desk, started again"
    await distant.specs()
    assert host.listed == 2 and distant.place == ToolPlace("desk", ("write",))


async def test_a_host_that_refuses_is_told_of() -> None:
    host = ScriptedHost(DONE)
    distant = Distant(lambda: host)
    await distant.specs()
    host.refusal, host.key = Forbidden("Not you."), "another"
    with pytest.raises(Forbidden):
        await distant.specs()
    assert distant.place == ToolPlace("desk", (), "Not you.")


async def test_the_user_is_told_where_the_tools_are() -> None:
    said: list[str] = []
    distant = Distant(lambda: ScriptedHost(DONE), said.append)
    with anyio.move_on_after(0.2):
        await distant.run()
    assert said == ["tools: those of desk are used: write"]
