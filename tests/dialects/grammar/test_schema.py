"""Cleaning: what comes out of what clients send, and what is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from localswarm.dialects.grammar.fit import fit
from localswarm.dialects.grammar.schema import clean
from localswarm.errors import BadRequest

from .schemas import load

KEYWORDS = (
    "type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "$defs", "not",
    "additionalProperties", "patternProperties", "prefixItems", "minimum", "maximum", "exclusiveMinimum", "minLength",
    "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "multipleOf", "pattern", "format", "if",
    "nullable", "description", "default", "title", "definitions", "propertyNames", "a", "b",
)  # fmt: skip
TEXTS = ("object", "array", "string", "integer", "null", "#", "#/$defs/a", "#/properties/a", "^a", "(", "date", "a")
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(TEXTS)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYWORDS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=40,
)


def of(part: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": part}, "required": ["x"], **more}


def part(cleaned: dict[str, Any]) -> Any:
    return cleaned["properties"]["x"]


@pytest.mark.parametrize(
    ("sent", "cleaned"),
    [
        ({"type": "string", "title": "X", "description": "d"}, {"description": "d", "type": "string"}),
        ({"type": "string", "format": "zip-code"}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"properties": {"y": {}}}, {"type": "object", "properties": {"y": {}}, "additionalProperties": False}),
        ({"items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
        ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
        ({"const": 3}, {"type": "integer", "const": 3}),
        ({"type": "string", "enum": ["a", 1]}, {"type": "string", "const": "a"}),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"type": "array", "items": [{"type": "null"}]}, {"type": "array", "prefixItems": [{"type": "null"}]}),
        ({"type": "object"}, {"type": "object"}),
        ({"type": "object", "properties": {}}, {"type": "object", "additionalProperties": False}),
        ({"type": "object", "additionalProperties": {}}, {"type": "object", "additionalProperties": True}),
        ({"anyOf": [{"type": "string"}, False, {"type": "string"}]}, {"type": "string"}),
        ({"allOf": [{"type": "number"}, {"type": "integer", "minimum": 2}]}, {"type": "integer", "minimum": 2}),
        ({"$ref": "#/$defs/c", "description": "d"}, {"type": "boolean", "description": "d"}),
        ({"type": "number", "default": float("inf"), "minimum": float("-inf")}, {"type": "number"}),
        ({"type": "string", "enum": ["a\ud800", "b"]}, {"type": "string", "const": "b"}),
        (True, {}),
    ],
)
def test_part(sent: Any, cleaned: Any) -> None:
    found = clean(of(sent, **{"$defs": {"c": {"type": "boolean"}}}))
    assert part(found.schema) == cleaned
    assert list(part(found.schema)) == list(cleaned) or "$ref" in str(sent)


@pytest.mark.parametrize(
    ("sent", "warning"),
    [
        ({"type": "integer", "not": {"const": 0}}, "properties.x.not is not enforced"),
        ({"type": "sting"}, "properties.x.type is no type of JSON Schema (sting) and is ignored"),
        ("string", "properties.x is no schema and is ignored"),
        ({"$ref": "https://example.com/x"}, "properties.x.$ref leads nowhere (https://example.com/x) and is ignored"),
        ({"enum": list(range(5000))}, "properties.x.enum is too long (5000 values) and is not enforced"),
        ({"type": "integer", "minimum": "few"}, "properties.x.minimum cannot be understood and is not enforced"),
        ({"type": "object", "properties": 3}, "properties.x.properties is no object and is ignored"),
        ({"type": "string", "minLength": -5}, "properties.x.minLength cannot be understood and is not enforced"),
        ({"type": "string", "maxLength": -5}, "properties.x.maxLength cannot be understood and is not enforced"),
        ({"type": "object", "required": "a"}, "properties.x.required is no list and is ignored"),
        ({"type": "object", "required": [1]}, "properties.x.required holds what is no name, which is ignored"),
        ({"type": []}, "properties.x.type is empty and is ignored"),
        ({"anyOf": []}, "properties.x.anyOf is empty and is ignored"),
        ({"type": "string", "oneOf": {}}, "properties.x.oneOf is no list and is ignored"),
        ({"$ref": 5}, "properties.x.$ref is no text and is ignored"),
        (
            {"type": "object", "additionalProperties": "no"},
            "properties.x.additionalProperties is no schema and is ignored",
        ),
    ],
)
def test_warning(sent: Any, warning: str) -> None:
    assert clean(of(sent)).warnings == (warning,)


def test_a_count_as_text_is_a_count() -> None:
    assert part(clean(of({"type": "string", "minLength": "5"})).schema) == {"type": "string", "minLength": 5}


@pytest.mark.parametrize("name", load("hopeless"))
def test_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        clean(load("hopeless")[name])


def test_optional_contradiction_is_left_out() -> None:
    found = clean({"type": "object", "properties": {"x": {"type": "integer", "minimum": 2, "maximum": 1}, "y": {}}})
    assert found.schema["properties"] == {"y": {}}
    assert found.warnings == ("properties.x can have no value (no number is between 2 and 1) and is left out",)


def test_recursion_is_kept() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}}}
    found = clean({"$ref": "#/definitions/node", "definitions": {"node": node}})
    assert found.schema["properties"] == {"next": {"$ref": "#/$defs/node"}}
    assert found.schema["$defs"]["node"]["properties"] == {"next": {"$ref": "#/$defs/node"}}


TWICE = {"type": "object", "properties": {"l": {"$ref": "#/$defs/a"}, "r": {"$ref": "#/$defs/a"}}, "required": ["l"]}
ENDLESS = {"type": "object", "properties": {"next": {"$ref": "#/$defs/a"}}, "required": ["next"]}
OPEN = {"type": "object", "additionalProperties": {"$ref": "#/$defs/a"}, "minProperties": 1}
PAIR = {"type": "array", "items": [{"$ref": "#/$defs/a"}], "minItems": 1}
EITHER = {
    "type": "object",
    "properties": {"l": {"$ref": "#/$defs/a"}, "r": {"$ref": "#/$defs/a"}},
    "anyOf": [{"required": ["l"]}, {"required": ["r"]}],
}


@pytest.mark.parametrize("endless", [TWICE, ENDLESS, OPEN, PAIR, EITHER, {"anyOf": [{"$ref": "#/$defs/a"}, ENDLESS]}])
def test_what_never_ends_has_no_value(endless: dict[str, Any]) -> None:
    document = {"$defs": {"a": endless}}
    with pytest.raises(BadRequest, match="No value satisfies"):
        clean({"$ref": "#/$defs/a"} | document)
    found = clean({"type": "object", "properties": {"x": {"$ref": "#/$defs/a"}, "y": {}}} | document)
    assert found.schema["properties"] == {"y": {}} and "$defs" not in found.schema
    assert len(found.warnings) == 1 and "properties.x can have no value" in found.warnings[0]
    assert part(clean(of({"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}) | document).schema) == {"type": "null"}
    assert part(clean(of({"type": "array", "items": {"$ref": "#/$defs/a"}}) | document).schema)["maxItems"] == 0


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
        {"properties": {"next": {"$ref": "#"}}, "required": ["next"]},
        {"type": "object", "properties": {"next": {"$ref": "#"}}, "minProperties": 1},
    ],
)
def test_a_whole_schema_that_never_ends_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="No value satisfies"):
        clean(schema)


ENDING = [
    {"type": "object", "properties": {"next": {"$ref": "#"}}},
    {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["next"]},
    {"type": "array", "items": {"$ref": "#"}},
    {"type": ["array", "null"], "items": {"$ref": "#"}, "minItems": 1},
    {"anyOf": [{"$ref": "#"}, {"type": "integer"}]},
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"$ref": "#"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
]


@pytest.mark.parametrize("schema", ENDING)
def test_recursion_that_can_end_is_no_fault(schema: dict[str, Any]) -> None:
    found = clean(schema)
    assert "#/$defs/root" in str(found.schema) and not found.warnings


@pytest.mark.parametrize(
    "schema", [{"$ref": "#"}, {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, {"oneOf": [{"$ref": "#"}]}]
)
def test_what_refers_only_to_itself_says_nothing(schema: dict[str, Any]) -> None:
    found = clean(schema)
    assert found.schema == {"type": "object"}
    assert found.warnings == ("The schema refers to nothing but itself and is ignored",)


def test_what_became_impossible_after_it_was_linked_to_is_gone_everywhere() -> None:
    a = {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}, "no": False}, "required": ["no"]}
    b = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}, "n": {"type": "integer"}}}
    found = clean(
        {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"$ref": "#/$defs/b"}},
            "$defs": {"a": a, "b": b},
        }
    )
    assert found.schema["properties"]["b"]["properties"] == {"n": {"type": "integer"}}
    assert "$ref" not in str(found.schema)


@pytest.mark.parametrize("schema", [None, True, {}])
def test_anything_is_any_object(schema: Any) -> None:
    assert clean(schema).schema == {"type": "object"}


def test_cleaning_again_changes_nothing() -> None:
    for group in ("agents", "mcp", "structures", "drafts", "sloppy"):
        for name, schema in load(group).items():
            once = clean(schema).schema
            assert clean(once).schema == once, name


@pytest.mark.parametrize(
    "large",
    [
        of({}, properties={f"p{n}": {} for n in range(30_000)}),
        {"const": {f"p{n}": n for n in range(20_000)}},
        {"type": "object", "patternProperties": {f"^p{n}$": {} for n in range(500)}},
        {"type": "string", "pattern": "a|" * 50_000},
        {"$ref": "#/$defs/d0"},
    ],
)
def test_what_would_end_the_process(large: Any) -> None:
    """llguidance goes deep into the stack for each of these, or takes minutes: they never get there."""
    chain = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(3000)}
    downwards = {f"p{n}": {"$ref": f"#/$defs/d{n}"} for n in range(2999, 2500, -1)}
    schema = large | {"$defs": chain} if "$ref" in large else large
    schema = of(schema, properties={**downwards, "x": schema}, **{"$defs": chain}) if "$ref" in large else schema
    cleaned = clean(schema)
    fitted = fit(cleaned.schema)
    assert cleaned.warnings + fitted.warnings
    assert len(str(fitted.schema)) < 100_000


def test_deep_and_doubling_schemas_stay_small() -> None:
    deep: Any = {"type": "string"}
    for _ in range(300):
        deep = {"type": "object", "properties": {"x": deep}}
    doubling = {
        f"d{n}": of({"$ref": f"#/$defs/d{n + 1}"}, additionalProperties={"$ref": f"#/$defs/d{n + 1}"})
        for n in range(30)
    }
    assert clean(deep).warnings
    assert len(str(clean(of({"$ref": "#/$defs/d0"}, **{"$defs": doubling})).schema)) < 200_000


@given(ANYTHING)
@settings(max_examples=300, deadline=None)
def test_only_bad_request(schema: Any) -> None:
    try:
        cleaned = clean(schema)
    except BadRequest:
        return
    fitted = fit(cleaned.schema)
    assert isinstance(fitted.schema, dict)
