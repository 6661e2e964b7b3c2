"""One answer written out of several: who may write it, and what it is shown. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..chat import Candidate, ChatRequest, Message, Policy, Text, ToolChoice
from .member import Served
from .routing import Choice

# Of one member alone: what it says again would be read by itself.
LEAST_MEMBERS = 2
PLACE = "{answers}"
# So many times as long as the longest of the answers one that is written out of all of them may be.
ROOM = 1.5


def able(answers: Sequence[tuple[Choice, Candidate]]) -> list[tuple[Choice, Candidate]]:
    """Those that one answer can be written of: texts, of several members. Calls are chosen, never put together."""
    texts = [(choice, said) for choice, said in answers if said.message.text.strip() and not said.message.calls]
    members = {choice.member.name for choice, _ in texts}
    return texts if len(members) >= LEAST_MEMBERS else []


def writers(answers: Sequence[tuple[Choice, Candidate]], strength: Callable[[Served], float]) -> list[Choice]:
    """Each member once, the strongest first."""
    members = {choice.member.name: choice for choice, _ in reversed(answers)}
    return sorted(reversed(members.values()), key=lambda choice: -strength(choice.served))


def request(asked: ChatRequest, answers: Sequence[Candidate], instructions: str) -> ChatRequest:
    """It was settled that no tools are called."""
    said = "\n\n".join(f"Answer {at}:\n{one.message.text.strip()}" for at, one in enumerate(answers, 1))
    told = Text(instructions.replace(PLACE, said))
    return replace(
        asked,
        id=f"{asked.id}-synth",
        messages=_with(asked.messages, told),
        tool_choice=ToolChoice("none") if asked.tools else asked.tool_choice,
        policy=Policy(strategy="fast", local_only=asked.policy.local_only),
    )


def room(asked: ChatRequest, answers: Sequence[Candidate]) -> int:
    """So many tokens have to be left for it."""
    most = asked.sampling.max_tokens
    wanted = int(ROOM * max(one.usage.completion for one in answers))
    return wanted if most is None else min(wanted, most)


def _with(messages: Sequence[Message], told: Text) -> tuple[Message, ...]:
    """Templates of some models refuse two messages of the user in a row."""
    *before, last = messages
    if last.role != "user" or last.results:
        return (*messages, Message("user", (told,)))
    return (*before, replace(last, parts=(*last.parts, Text("\n\n"), told)))
