"""What a call of tools is worth by the conversation that it was made in, and which of several nobody asked for. Pure.

Texts are read once for a request, whoever answers it.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ...chat import Candidate, ChatRequest, Message, Text, ToolCall, ToolResult
from .choice import Option, enough, score
from .reading import parsed
from .support import Said, support
from .surplus import surplus
from .wanted import odds
from .weights import likelihood
from .words import Heard, heard

# Of what was said before so many characters are read, the last ones.
MOST_KNOWN = 60_000
# A call of more tokens was not among those that were measured.
MOST_TOKENS = 256
# A log-probability is at most 0, but for what computing it loses.
ROUNDING = 1e-4


class Merits:
    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._schemas = {tool.name: tool.schema for tool in request.tools}

    def of(self, candidate: Candidate) -> float | None:
        """0 is the best there is. None: it makes no call that could be read."""
        calls = _read(candidate.message.calls)
        if not calls:
            return None
        return score(Option(tuple(calls), likelihood=_likely(candidate)), self._schemas, self._heard)

    def enough(self, candidate: Candidate, merit: float | None) -> bool:
        """Nobody else has to be asked: it is good as it is, or nothing is known to be gained by others. In later steps
        of an agent, and in calls that hold whole files, nearly all values are such as nobody mentioned."""
        if not self.first or candidate.usage.completion > MOST_TOKENS:
            return True
        return merit is not None and enough(merit)

    def without_surplus(self, candidate: Candidate) -> tuple[Candidate, frozenset[int]]:
        """The answer without the calls that nobody asked for, and their places. Only at first: later steps follow from
        what calls found, for which the user has no words."""
        calls = _read(candidate.message.calls)
        if len(calls) < 2 or not self.first:
            return candidate, frozenset()
        found = frozenset(surplus(calls, self._heard.words))
        if not found:
            return candidate, found
        left_out = {id(candidate.message.calls[at]) for at in found}
        parts = tuple(part for part in candidate.message.parts if id(part) not in left_out)
        return replace(candidate, message=replace(candidate.message, parts=parts)), found

    def wanted(self, candidate: Candidate) -> bool:
        """Whether what the user says speaks for its calls."""
        calls = _read(candidate.message.calls)
        return bool(calls) and odds(support(calls, self._schemas, self._heard)) > 0

    @property
    def first(self) -> bool:
        """Nothing was called yet for what the user wants now."""
        last = next((one for one in reversed(self._request.messages) if one.role in ("user", "tool")), None)
        return last is not None and last.role == "user" and not last.results

    @cached_property
    def _heard(self) -> Heard:
        spoken = [one for one in self._request.messages if one.role != "system"]
        at = max((at for at, one in enumerate(spoken) if one.role == "user"), default=0)
        known = "\n".join(_words(one) for at_, one in enumerate(spoken) if at_ != at)[-MOST_KNOWN:]
        asked = "\n".join(_words(one) for one in spoken[at : at + 1])
        # Once a step is done, what is not in the next call may have been in it.
        return heard(asked, known) if self.first else heard("", f"{known}\n{asked}"[-MOST_KNOWN:])


def _likely(candidate: Candidate) -> float | None:
    """As it can be believed: not at all where there is one among them that cannot be."""
    chances = [likelihood(min(one, 0.0) if one < ROUNDING else one) for one in candidate.chances]
    known = [one for one in chances if one is not None]
    return sum(known) if known and len(known) == len(chances) else None


def _read(calls: Sequence[ToolCall]) -> list[Said]:
    found: list[Said] = []
    for call in calls:
        try:
            said: Any = parsed(call.arguments or "{}")
        except ValueError:
            return []
        if not isinstance(said, dict):
            return []
        found.append((call.name, said))
    return found


def _words(message: Message) -> str:
    said = [part.text if isinstance(part, Text) else part.content for part in message.parts
            if isinstance(part, Text | ToolResult)]  # fmt: skip
    return "\n".join(said)
