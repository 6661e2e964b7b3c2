"""One answer written out of several: what the one that writes it is shown. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from ..chat import Candidate, ChatRequest, Message, Policy, Text
from .routing import Choice

# Of one member alone: what it says again would be read by itself.
LEAST_MEMBERS = 2
PLACE = "{answers}"


def able(answers: Sequence[tuple[Choice, Candidate]]) -> list[tuple[Choice, Candidate]]:
    """Those that one answer can be written of: texts, of several members. Calls are chosen, never put together."""
    texts = [(choice, said) for choice, said in answers if said.message.text.strip() and not said.message.calls]
    members = {choice.member.name for choice, _ in texts}
    return texts if len(members) >= LEAST_MEMBERS else []


def request(asked: ChatRequest, answers: Sequence[Candidate], instructions: str) -> ChatRequest:
    said = "\n\n".join(f"Answer {at}:\n{one.message.text.strip()}" for at, one in enumerate(answers, 1))
    told = Message("user", (Text(instructions.replace(PLACE, said)),))
    return replace(
        asked,
        id=f"{asked.id}-synth",
        messages=(*asked.messages, told),
        policy=Policy(strategy="fast", local_only=asked.policy.local_only),
    )
