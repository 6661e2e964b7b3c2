"""Calls whose arguments stand between tags, texts as they are and everything else as JSON."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from ...chat import ToolSpec
from ..grammar import custom
from ..grammar.lark import json_value, literal
from ..turns import Turn
from .source import NotACall, Source, Waiting

Schema = dict[str, Any]

EVERY_KIND = frozenset({"string", "number", "integer", "boolean", "null", "object", "array"})
# So far references and unions are followed.
DEEPEST = 8
# How Python writes them, and models that read much Python.
WORDS = {"True": "true", "False": "false", "None": "null"}


def properties(schema: Schema) -> dict[str, Schema]:
    found = schema.get("properties", {})
    return {name: one if isinstance(one, dict) else {} for name, one in found.items()}


def looked_up(schema: Schema, root: Schema) -> Schema:
    """What a `$ref` stands for."""
    for _ in range(DEEPEST):
        if "$ref" not in schema:
            return schema
        schema = root.get("$defs", {}).get(str(schema["$ref"]).rpartition("/")[2], {})
    return {}


def kinds(schema: Any, root: Schema, depth: int = DEEPEST) -> frozenset[str]:
    """The JSON types that a value may be of."""
    if not depth or not isinstance(schema, dict):
        return EVERY_KIND
    schema = looked_up(schema, root)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return frozenset().union(*(kinds(one, root, depth - 1) for one in schema[key]))
    if "type" in schema:
        types = schema["type"]
        return frozenset([types] if isinstance(types, str) else types)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return frozenset(map(_kind, values)) or EVERY_KIND


def _kind(value: object) -> str:
    for kind, types in (("string", str), ("boolean", bool), ("integer", int), ("number", float), ("array", list)):
        if isinstance(value, types):
            return kind
    return "null" if value is None else "object"


class Arguments:
    """Writes the JSON text of a call's arguments, one after the other."""

    def __init__(self, source: Source, schema: Schema) -> None:
        self._source = source
        self._schema = schema
        self._properties = properties(schema)
        self._any = False

    def key(self, name: str) -> None:
        self._source.argue(("{" if not self._any else ", ") + f"{literal(name)}: ")
        self._any = True

    def read(self, name: str, *stops: str) -> Waiting[None]:
        """An argument up to its closing tag."""
        found = kinds(self._properties.get(name, {}), self._schema)
        self.key(name)
        if found == {"string"}:
            yield from self.read_text(*stops)
        else:
            text = yield from self._source.before(*stops)
            self._source.argue(as_json(text, "string" in found))

    def read_text(self, *stops: str) -> Waiting[None]:
        self._source.argue('"')
        whole = yield from self._source.until(lambda text: self._source.argue(literal(text)[1:-1]), *stops)
        if not whole:
            raise NotACall
        self._source.argue('"')

    def end(self) -> None:
        self._source.argue("}" if self._any else "{}")
        self._source.whole()


def as_json(text: str, may_be_text: bool) -> str:
    """What is no JSON is a text, and so is a JSON text where it may be any."""
    bare = text.strip()
    bare = WORDS.get(bare, bare)
    try:
        value = json.loads(bare, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return literal(text)
    return literal(text) if may_be_text and isinstance(value, str) else bare


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def plain(value: object) -> object:
    """How a value looks as an argument: templates would write Python's words for true, false and null."""
    return value if isinstance(value, str | dict | list) else json.dumps(value)


def one_by_one(turns: list[Turn], shown: Callable[[object], object] = lambda value: value) -> list[Turn]:
    """Templates go through the arguments of a call; those of one that was cut off are no object, and become one."""
    for turn in turns:
        for call in turn.get("tool_calls", ()):
            given = call["function"]["arguments"]
            named = given if isinstance(given, dict) else {"arguments": given}
            call["function"]["arguments"] = {name: shown(value) for name, value in named.items()}
    return turns


Argument = Callable[[str, str], str]


def arguments(tool: ToolSpec, argument: Argument, stop: str, control: bool = False) -> tuple[str, list[str]]:
    """The expression for a tool's arguments in the order of its schema, and the rules that it needs.

    `argument`: makes one out of its name and the expression of its value, to which the closing `stop` belongs.
    `control`: the stop may be a token of its own.
    """
    expressions: list[str] = []
    rules: list[str] = []
    required = tool.schema.get("required", [])
    for name, schema in properties(tool.schema).items():
        value, needed = _value(schema, tool.schema, stop, control)
        rules += needed
        one = argument(name, value)
        expressions.append(one if name in required else f"({one})?")
    return " ".join(expressions), rules


def _value(schema: Schema, root: Schema, stop: str, control: bool) -> tuple[str, list[str]]:
    found, schema = kinds(schema, root), looked_up(schema, root)
    if "string" not in found:
        return f"{json_value(schema, root)} {literal(stop)}", []
    texts = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if texts:
        choice = " | ".join(literal(text if isinstance(text, str) else json.dumps(text)) for text in texts)
        return f"({choice}) {literal(stop)}", []
    form = custom.whole(schema)
    if form is not None:
        return _text(custom.number(form), custom.literal_of(form), stop, control)
    least, most = schema.get("minLength", 0), schema.get("maxLength", "")
    return _text(f"{least}_{most}", f"/(?s:.{{{least},{most}}})/", stop, control)


def _text(size: str, text: str, stop: str, control: bool) -> tuple[str, list[str]]:
    rules = [f"text_{size}[suffix={literal(stop)}]: {text}"]
    if not control:
        return f"text_{size}", rules
    # A text holds no control token, so it is one that ends it; where the model has none, only the first can.
    rules += [f"whole_{size}: WHOLE_{size} {literal(stop)}", f"WHOLE_{size}: {text}"]
    return f"(text_{size} | whole_{size})", rules


def each(tools: Sequence[ToolSpec], body: Callable[[ToolSpec], tuple[str, list[str]]]) -> tuple[str, str]:
    """An expression for a call of any of these tools, and the rules that it needs."""
    rules: list[str] = []
    for number, tool in enumerate(tools):
        expression, needed = body(tool)
        rules += [f"call_{number}: {expression}", *needed]
    choice = " | ".join(f"call_{number}" for number in range(len(tools)))
    return f"({choice})", "\n".join(dict.fromkeys(rules))
