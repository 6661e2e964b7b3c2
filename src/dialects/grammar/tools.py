"""Tools and answers with schemas that can be enforced. Agents send the same ones with every request: they are kept."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ...chat import ResponseFormat, ToolSpec
from ...errors import BadRequest
from .fit import LONGEST_KEPT, fit
from .place import Node
from .schema import clean as cleaned

Enforceable = tuple[Node, tuple[str, ...]]


def clean(tools: Sequence[ToolSpec]) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    """The same tools, and what of their schemas is not enforced. The schemas are shared: not to be changed."""
    done = [_parameters(tool) for tool in tools]
    specs = tuple(replace(tool, schema=schema) for tool, (schema, _) in zip(tools, done, strict=True))
    said = tuple(
        f"Tool {tool.name}: {warning}" for tool, (_, some) in zip(tools, done, strict=True) for warning in some
    )
    return specs, said


def clean_answer(wanted: ResponseFormat) -> Enforceable:
    """The schema of an answer in JSON, and what of it is not enforced."""
    try:
        return _known(json.dumps(wanted.schema))
    except BadRequest as error:
        raise BadRequest(error.message, "response_format") from error


def _parameters(tool: ToolSpec) -> Enforceable:
    schema = tool.schema
    if schema.get("type") != "object":
        schema = _of_an_object(tool.name, schema)
    try:
        return _known(json.dumps(schema))
    except BadRequest as error:
        raise BadRequest(f"Tool '{tool.name}': {error.message}", "tools") from error


def _of_an_object(name: str, schema: Node) -> Node:
    """Arguments are an object, whatever else the schema would take."""
    kind = schema.get("type")
    kinds = [one.lower() for one in (kind if isinstance(kind, list) else [kind]) if isinstance(one, str)]
    if kinds and "object" not in kinds and not {"any", "dict", "map"} & set(kinds):
        raise BadRequest(f"Tool '{name}': its parameters must be an object, not {kinds[0][:40]!r}.", "tools")
    return schema | {"type": "object"}


def _known(text: str) -> Enforceable:
    """By its JSON text, in which the order of keys counts: a model writes them in that order."""
    return _kept(text) if len(text) <= LONGEST_KEPT else _made(text)


def _made(text: str) -> Enforceable:
    tidied = cleaned(json.loads(text))
    fitted = fit(tidied.schema)
    return fitted.schema, tuple(dict.fromkeys(tidied.warnings + fitted.warnings))


_kept = lru_cache(512)(_made)
