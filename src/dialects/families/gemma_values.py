"""The grammar of values as Gemma writes them, out of their schemas."""

import json
from typing import Any

from ..grammar import custom
from ..grammar.lark import json_value, literal

Schema = dict[str, Any]

SCALARS = ("integer", "number", "boolean", "null")
ANYTHING: tuple[Schema, ...] = tuple({"type": kind} for kind in ("string", *SCALARS))


class Values:
    """Collects the rules that the expressions need."""

    def __init__(self, quote: str) -> None:
        # A mark with a quotation mark in it can only be written as a token.
        self._quote = quote if '"' in quote else literal(quote)
        self._end = literal(quote)
        self._references: dict[str, str] = {}
        self._any = False  # the rule for a value of any kind is there
        self.rules = [
            f"quoted: {self._quote} (plain_end | token_end)",
            # A text holds no control token, so it is one that ends it; where the model has none, only the first can.
            f"plain_end[suffix={self._end}]: /(?s:.*)/",
            f"token_end: TEXT_BEFORE {self._quote}",
            "TEXT_BEFORE: /(?s:.*)/",
        ]

    def of(self, schema: Any, root: Schema) -> str:
        if not isinstance(schema, dict):
            return self._anything()
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]), root)
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            return f"({' | '.join(map(self._exactly, values))})"
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return f"({' | '.join(self.of(one, root) for one in schema[key])})"
        kind = schema.get("type")
        if isinstance(kind, list):
            return f"({' | '.join(self.of(schema | {'type': one}, root) for one in kind)})"
        return self._of_kind(kind, schema, root)

    def _of_kind(self, kind: object, schema: Schema, root: Schema) -> str:
        if kind == "string":
            form = custom.whole(schema)
            return "quoted" if form is None else self._held(form)
        if kind == "array":
            return self._array(schema, root)
        if kind == "object":
            return self._object(schema, root)
        if kind in SCALARS:
            return json_value(schema, root)
        return self._anything()

    def _held(self, form: str) -> str:
        name, text = custom.number(form), custom.literal_of(form)
        rules = [
            f"quoted_{name}: {self._quote} (plain_{name} | TEXT_{name} {self._quote})",
            f"plain_{name}[suffix={self._end}]: {text}",
            f"TEXT_{name}: {text}",
        ]
        self.rules += [rule for rule in rules if rule not in self.rules]
        return f"quoted_{name}"

    def _array(self, schema: Schema, root: Schema) -> str:
        item = self.of(schema.get("items"), root)
        several = f'{item} ("," {item})*'
        return f'"[" {several} "]"' if schema.get("minItems") else f'"[" ({several})? "]"'

    def _object(self, schema: Schema, root: Schema) -> str:
        properties = schema.get("properties")
        if not properties:
            # A tool that says nothing of its arguments has none.
            return '"{" "}"' if schema is root or schema.get("additionalProperties") is False else self._free_object()
        required = schema.get("required", [])
        members = [
            (
                self._rule(f"{literal(name + ':')} {self.of(one if isinstance(one, dict) else {}, root)}"),
                name in required,
            )
            for name, one in sorted(properties.items(), key=lambda item: item[0].lower())
        ]
        return f'"{{" {self._members(members)} "}}"'

    def _members(self, members: list[tuple[str, bool]]) -> str:
        """Each in its turn, with commas only between those that come."""
        behind = ""
        begins: list[str] = []
        for member, needed in reversed(members):
            rule = self._rule(f"{member} {behind}")
            begins = [rule] if needed else [rule, *begins]
            following = f'"," {member}'
            behind = f"{following if needed else f'({following})?'} {behind}"
        choice = f"({' | '.join(begins)})"
        return choice if any(needed for _, needed in members) else f"{choice}?"

    def _free_object(self) -> str:
        anything = self._anything()
        return self._rule(f'"{{" (/[^:{{}},<]+/ ":" {anything} ("," /[^:{{}},<]+/ ":" {anything})*)? "}}"')

    def _anything(self) -> str:
        if not self._any:
            self._any = True
            choice = " | ".join(self.of(schema, {}) for schema in ANYTHING)
            self.rules.append(f'anything: {choice} | {self._free_object()} | "[" (anything ("," anything)*)? "]"')
        return "anything"

    def _reference(self, reference: str, root: Schema) -> str:
        name = reference.rpartition("/")[2]
        if name not in self._references:
            rule = self._references[name] = f"ref_{len(self._references)}"
            self.rules.append(f"{rule}: {self.of(root.get('$defs', {}).get(name, {}), root)}")
        return self._references[name]

    def _exactly(self, value: object) -> str:
        if isinstance(value, str):
            return f"{self._quote} {literal(value)} {self._quote}"
        return literal(json.dumps(value))

    def _rule(self, expression: str) -> str:
        name = f"part_{len(self.rules)}"
        self.rules.append(f"{name}: {expression}")
        return name
