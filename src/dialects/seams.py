"""What a request says stays text: no control token of the model comes out of it.

Where a text of the request says a marker, a seam is sewn into it before the template is rendered, and the prompt is cut
at the seams after that. A seam is a number that nobody can know: templates do not trim it or change its case, and it
looks the same in JSON and in Python's own notation.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from ..chat import ToolSpec
from .markers import Markers
from .turns import Turn

DIGITS = 24
# Whose keys are the client's.
CHOSEN = ("arguments", "properties")
# Keys that templates ask for: what is between these brackets is theirs.
KNOWN = frozenset(
    "role content text type name id tool_call_id tool_calls function arguments reasoning_content thinking reasoning "
    "tool_responses response description parameters properties required items enum title default format pattern "
    "nullable anyOf oneOf allOf additionalProperties minimum maximum".split()
)


def _number() -> str:
    return str(10**DIGITS + secrets.randbelow(9 * 10**DIGITS))


@dataclass(frozen=True, slots=True)
class Seams:
    """Of one request."""

    markers: Markers
    seam: str = field(default_factory=_number)

    def turns(self, turns: Sequence[Turn]) -> list[Turn]:
        # The roles are our own words, and templates compare them.
        return [self._value(turn) | {"role": turn["role"]} for turn in turns] if self.markers else list(turns)

    def tools(self, tools: Sequence[ToolSpec]) -> list[ToolSpec]:
        return [self._tool(tool) for tool in tools] if self.markers else list(tools)

    def text(self, text: str) -> str:
        places = self.markers.cuts(text) if self.markers else []
        return self._sewn(text, places) if places else text

    def name(self, name: str) -> str:
        sewn = self.text(name)
        return self.seam + sewn if self.markers and self.markers.completes(name) else sewn

    def cut(self, prompt: str) -> tuple[str, tuple[int, ...]]:
        """The prompt without its seams, and where they were."""
        pieces = prompt.split(self.seam)
        places, at = [], 0
        for piece in pieces[:-1]:
            at += len(piece)
            places.append(at)
        return "".join(pieces), tuple(dict.fromkeys(places))

    def without(self, said: str) -> str:
        return said.replace(self.seam, "")

    def _tool(self, tool: ToolSpec) -> ToolSpec:
        schema = self._value(tool.schema)
        return replace(tool, name=self.name(tool.name), description=self.text(tool.description), schema=schema)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return dict(self._field(key, one) for key, one in value.items())
        return [self._value(one) for one in value] if isinstance(value, list | tuple) else value

    def _field(self, key: str, value: Any) -> tuple[str, Any]:
        if key == "name" and isinstance(value, str):
            return key, self.name(value)
        if key in CHOSEN and isinstance(value, Mapping):
            return key, {self.name(own): self._value(one) for own, one in value.items()}
        return key if key in KNOWN else self.name(key), self._value(value)

    def _sewn(self, text: str, places: Sequence[int]) -> str:
        edges = [0, *sorted(set(places)), len(text)]
        return self.seam.join(text[start:end] for start, end in pairwise(edges))
