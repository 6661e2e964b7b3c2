"""Tools of one text for which the client gave a grammar: the text is held to it, whatever form the model's calls have.

The grammar becomes a pattern in the schema of the text. That schema is for the grammar of calls alone: what the model
is shown is the client's own grammar, in the description of the tool.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from zlib import crc32

from ...chat import TextForm, ToolSpec
from .cost import compiles, pattern_is_cheap
from .fit import INEXACT
from .place import Node
from .regular import LONGEST, as_expression
from .written import NotRegular

BEGIN, END = "^(?:", ")$"
ANCHORS = re.compile(r"\A\^|(?<!\\)\$\Z")
MARKS = re.compile(r"\\.|/|\n", re.DOTALL)
ESCAPED = {"/": r"\/", "\n": r"\n", "\\\n": r"\n"}
Pattern = tuple[str | None, str]  # None: there is none; and what has to be said about it


def held(tools: Iterable[ToolSpec]) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    """The same tools, their grammars enforced as far as they can be, and what cannot."""
    done = [_held(tool) for tool in tools]
    return tuple(tool for tool, _ in done), tuple(word for _, words in done for word in words)


def whole(schema: Node) -> str | None:
    """The expression that the whole of a text has to match, where it has to."""
    pattern = schema.get("pattern", "")
    return pattern[len(BEGIN) : -len(END)] if pattern.startswith(BEGIN) and pattern.endswith(END) else None


def literal_of(expression: str) -> str:
    """As llguidance's Lark writes it, for forms of calls in which texts stand as they are."""
    return f"/{MARKS.sub(lambda found: ESCAPED.get(found[0], found[0]), expression)}/"


def number(expression: str) -> str:
    """For the names of its rules, always the same."""
    return str(crc32(expression.encode()))


def _held(tool: ToolSpec) -> tuple[ToolSpec, tuple[str, ...]]:
    if tool.form is None:
        return tool, ()
    pattern, word = _pattern(tool.form)
    said = (f"Tool {tool.name}: its grammar {word}",) if word else ()
    if pattern is None:
        return tool, said
    fields = {name: one | {"pattern": pattern} for name, one in tool.schema["properties"].items()}
    return replace(tool, schema=tool.schema | {"properties": fields}), said


@lru_cache(64)
def _pattern(form: TextForm) -> Pattern:
    try:
        expression = as_expression(form.definition) if form.syntax == "lark" else _bare(form.definition)
    except NotRegular as error:
        return None, f"is shown to the model, but not enforced: {error}."
    pattern = f"{BEGIN}{expression}{END}"
    if len(pattern) > LONGEST or not pattern_is_cheap(pattern):
        return None, "is shown to the model, but not enforced: it takes too long."
    if not compiles({"type": "string", "pattern": pattern}):
        return None, "is shown to the model, but not enforced: an expression in it is not known here."
    return pattern, "is enforced except for quotation marks." if INEXACT.search(pattern) else ""


def _bare(expression: str) -> str:
    """Without the anchors: it is for the whole text anyway."""
    return ANCHORS.sub("", expression)
