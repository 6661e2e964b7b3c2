"""The types of a schema: named in many ways, or to be guessed from what else it says."""

from typing import Any

from .values import kind_of

KINDS = ("object", "array", "string", "number", "integer", "boolean", "null")
# Names from programming languages that clients send although JSON Schema knows none of them.
ALIASES = {
    "str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number",
    "bool": "boolean", "dict": "object", "map": "object", "list": "array", "tuple": "array", "none": "null",
}  # fmt: skip
ANY = ("any", "unknown", "mixed")
SIGNS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def named(node: dict[str, Any]) -> tuple[list[str] | None, list[Any]]:
    """The types that a schema names (None: it names none), and those that are no types."""
    given = node.get("type")
    wanted = given if isinstance(given, list) else [] if given is None else [given]
    kinds: list[str] = []
    strange: list[Any] = []
    for name in wanted:
        kind = _kind(name)
        if kind in ANY:
            return None, strange
        if kind not in KINDS:
            strange.append(name)
        elif kind not in kinds:
            kinds.append(kind)
    if kinds and node.get("nullable") is True and "null" not in kinds:
        kinds.append("null")
    return kinds or None, strange


def guessed(node: dict[str, Any]) -> list[str] | None:
    """From the values that are allowed, else from the keywords that only one type has."""
    values = node["enum"] if isinstance(node.get("enum"), list) else [node["const"]] if "const" in node else []
    kinds = sorted({kind_of(value) for value in values}) or [
        kind for kind, signs in SIGNS.items() if any(sign in node for sign in signs)
    ]
    return [*kinds, "null"] if kinds and node.get("nullable") is True and "null" not in kinds else kinds or None


def common(left: Any, right: Any) -> list[str]:
    """The types in both of two `type`s."""
    one, _ = named({"type": left})
    two, _ = named({"type": right})
    if one is None or two is None:
        return one or two or []
    both = [kind for kind in one if kind in two or (kind == "integer" and "number" in two)]
    return both + [kind for kind in two if kind == "integer" and "number" in one and kind not in both]


def exclude(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return "type" in left and "type" in right and not common(left["type"], right["type"])


def fits(value: Any, kinds: list[str]) -> bool:
    kind = kind_of(value)
    whole = isinstance(value, float) and value.is_integer()
    return kind in kinds or (kind == "integer" and "number" in kinds) or (whole and "integer" in kinds)


def _kind(name: Any) -> Any:
    if not isinstance(name, str):
        return "null" if name is None else name
    return ALIASES.get(name.lower(), name.lower())
