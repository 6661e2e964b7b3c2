"""Steps that no client knows of, put back where its call comes back."""

import pytest
from localswarm.chat import Message, Text, ToolCall, ToolResult
from localswarm.swarm.acting.memory import SECONDS, Memory

ASKED = Message("user", (Text("Do it."),))
HOSTS, DEPLOY, NOTIFY = ToolCall("h", "bash", "{}"), ToolCall("a", "deploy", "{}"), ToolCall("b", "notify", "{}")
SAID = Message("assistant", (HOSTS, DEPLOY, NOTIFY))
RAN = Message("tool", (ToolResult("h", "ran"),))
STEPS = (SAID, RAN)


def calls(*made: ToolCall) -> Message:
    return Message("assistant", made)


def came(call: ToolCall) -> Message:
    return Message("tool", (ToolResult(call.id, f"of {call.name}"),))


def remembering(clock: float = 0.0) -> tuple[Memory, list[float]]:
    now = [clock]
    memory = Memory(lambda: now[0])
    memory.keep([DEPLOY.id, NOTIFY.id], STEPS)
    return memory, now


WHOLE = (ASKED, *STEPS, came(DEPLOY), came(NOTIFY))


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ((ASKED, calls(DEPLOY, NOTIFY), came(DEPLOY), came(NOTIFY)), WHOLE),
        ((ASKED, calls(NOTIFY, DEPLOY), came(DEPLOY), came(NOTIFY)), WHOLE),
        # Clients that keep each call as an item of its own.
        ((ASKED, calls(DEPLOY), came(DEPLOY), calls(NOTIFY), came(NOTIFY)), WHOLE),
        # One of the two was never made: a call without a result is refused by some templates.
        ((ASKED, calls(NOTIFY), came(NOTIFY)), (ASKED, calls(HOSTS, NOTIFY), RAN, came(NOTIFY))),
        ((ASKED, calls(DEPLOY, ToolCall("z", "x", "{}"))), (ASKED, calls(DEPLOY, ToolCall("z", "x", "{}")))),
        ((ASKED,), (ASKED,)),
    ],
)
def test_steps_are_put_back(sent: tuple[Message, ...], seen: tuple[Message, ...]) -> None:
    memory, _ = remembering()
    assert memory.whole(sent) == seen


def test_they_are_forgotten_in_time_and_with_all_their_calls() -> None:
    memory, now = remembering()
    sent = (ASKED, calls(NOTIFY), came(NOTIFY))
    now[0] = SECONDS + 1
    assert memory.whole(sent) == sent
    memory.keep(["c"], STEPS)
    now[0] = 0.0
    assert memory.whole(sent) == sent
