"""Tools, the choice among them, and the form of an answer."""

from ... import hosted
from ...openapi import either, one_of
from ..tools import MOST_TOOLS
from .shapes import BOOLEAN, OBJECT, STRING, Schema, array, noted, record

NAME = STRING | {"pattern": "^[A-Za-z0-9_.-]{1,128}$"}
CHOICES = one_of("auto", "none", "required")
FUNCTION = record({"name": NAME, "description": STRING, "parameters": OBJECT, "strict": BOOLEAN}, ["name"])
NESTED = record({"type": {"const": "function"}, "function": FUNCTION}, ["type", "function"])


def _others_than(*known: str) -> Schema:
    words = "Tools that OpenAI's servers run do not exist here, and are left out."
    names = [hosted.KIND, *known]
    return noted(record({"type": {"type": "string", "not": {"enum": names}}}, ["type"]), words)


NAMED = record({"type": {"const": "function"}, "function": record({"name": STRING}, ["name"])}, ["type", "function"])
REFERENCE = record({"name": STRING}, ["name"])
TOLD = either(REFERENCE, record({"function": REFERENCE}, ["function"]))
ALLOWED = record({"mode": one_of("auto", "required"), "tools": array(TOLD, 1)}, ["tools"])
SUBSET = record({"type": {"const": "allowed_tools"}, "allowed_tools": ALLOWED}, ["type", "allowed_tools"])

CHAT_TOOLS: dict[str, Schema] = {
    "tools": array(either(NESTED, hosted.SCHEMA, _others_than("function", "custom")), 0, MOST_TOOLS),
    "tool_choice": either(CHOICES, NAMED, SUBSET),
    "parallel_tool_calls": BOOLEAN,
    "functions": noted(array(FUNCTION), "The older form of `tools`."),
    "function_call": either(one_of("auto", "none"), record({"name": STRING}, ["name"])),
}

FLAT = {"type": {"const": "function"}} | FUNCTION["properties"]
FLAT_FUNCTION = OBJECT | {"properties": FLAT, "required": ["type", "name"]}
GRAMMAR: dict[str, Schema] = {"syntax": one_of("lark", "regex"), "definition": STRING}
FORMAT = either(
    record({"type": {"const": "text"}}, ["type"]),
    record({"type": {"const": "grammar"}} | GRAMMAR, ["type", "definition"]),
)
CUSTOM = record({"type": {"const": "custom"}, "name": NAME, "description": STRING, "format": FORMAT}, ["type", "name"])
NAMESPACE = record(
    {"type": {"const": "namespace"}, "name": NAME, "tools": array(either(FLAT_FUNCTION, CUSTOM))}, ["type", "name"]
)
FLAT_NAMED = record({"type": one_of("function", "custom"), "name": STRING, "namespace": STRING}, ["type", "name"])
FLAT_SUBSET = record(
    {"type": {"const": "allowed_tools"}, "mode": one_of("auto", "required"), "tools": array(TOLD, 1)},
    ["type", "tools"],
)

RESPONSE_TOOLS: dict[str, Schema] = {
    "tools": array(
        either(FLAT_FUNCTION, CUSTOM, NAMESPACE, hosted.SCHEMA, _others_than("function", "custom", "namespace")),
        0,
        MOST_TOOLS,
    ),
    "tool_choice": either(CHOICES, FLAT_NAMED, FLAT_SUBSET),
    "parallel_tool_calls": BOOLEAN,
}

SCHEMA_OF_ANSWER: dict[str, Schema] = {"name": STRING, "description": STRING, "schema": OBJECT, "strict": BOOLEAN}
PLAIN = record({"type": {"const": "text"}}, ["type"])
ANY_JSON = record({"type": {"const": "json_object"}, "schema": OBJECT}, ["type"])
FLAT_FORMAT = record({"type": {"const": "json_schema"}} | SCHEMA_OF_ANSWER, ["type", "schema"])
NESTED_FORMAT = record(
    {"type": {"const": "json_schema"}, "json_schema": record(SCHEMA_OF_ANSWER, ["schema"])}, ["type", "json_schema"]
)
# Each route takes the other's form as well.
ANSWER_FORMAT = either(PLAIN, ANY_JSON, NESTED_FORMAT, FLAT_FORMAT)
CALLED = record({"name": STRING, "arguments": STRING}, ["name", "arguments"])
CALL = record({"id": STRING, "type": {"const": "function"}, "function": CALLED}, ["id", "type", "function"])
