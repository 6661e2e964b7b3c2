"""The tools of a response, from the wire, and the way back from a tool's name to the form it was declared in. Pure.

A model knows functions alone. Tools of a namespace get one long name; a custom tool, which takes any text, becomes a
function of one string.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ....chat import Hosted, TextForm, ToolSpec
from ... import hosted
from ...fields import Fields
from ..choice import joined
from ..tools import at_most, left_out, read_name, refuse_twins, spec

Kind = Literal["function", "custom"]
# The one argument of a custom tool.
INPUT = "input"
CUSTOM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {INPUT: {"type": "string"}},
    "required": [INPUT],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Declared:
    """How the client knows a tool."""

    kind: Kind
    name: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Toolbox:
    specs: tuple[ToolSpec, ...] = ()
    declared: Mapping[str, Declared] = field(default_factory=dict)  # by the name that the model knows
    warnings: tuple[str, ...] = ()
    hosted: Hosted | None = None

    def of(self, name: str) -> Declared:
        return self.declared.get(name) or Declared("function", name)


def read(tools: Sequence[Fields]) -> Toolbox:
    found: list[tuple[Declared, ToolSpec]] = []
    warnings: list[str] = []
    wish, others = hosted.read(at_most(list(tools)))
    for tool in others:
        kind = tool.needed("type")
        if kind == "namespace":
            space = read_name(tool)
            found += [_one(inner, space) for inner in tool.listed("tools") or ()]
        elif kind in ("function", "custom"):
            found.append(_one(tool, None))
        else:
            warnings.append(left_out(kind))
    refuse_twins((spec.name for _, spec in found), "tools")
    declared = {spec.name: declared for declared, spec in found}
    return Toolbox(tuple(spec for _, spec in found), declared, tuple(dict.fromkeys(warnings)), wish)


def _one(fields: Fields, namespace: str | None) -> tuple[Declared, ToolSpec]:
    kind = fields.one_of("type", ("function", "custom"))
    name = read_name(fields)
    known = joined(namespace, name)
    if kind == "custom":
        form = _form(fields)
        shown = "\n".join(filter(None, (fields.text("description"), form.definition if form else None)))
        return Declared("custom", name, namespace), ToolSpec(known, shown, CUSTOM_SCHEMA, form=form)
    read = spec(fields)
    return Declared("function", name, namespace), ToolSpec(known, read.description, read.schema, read.strict)


def _form(fields: Fields) -> TextForm | None:
    """A grammar that the client gave is shown to the model and enforced."""
    form = fields.fields("format")
    if form is None or form.one_of("type", ("text", "grammar")) != "grammar":
        return None
    # Some clients nest it as chat completions do.
    held = form.fields("grammar") or form
    syntax = held.one_of("syntax", ("lark", "regex")) or "lark"
    return TextForm("lark" if syntax == "lark" else "regex", held.needed("definition"))
