"""BFCL's questions and what counts as right, read from the folder `bfcl_eval/data` of the package bfcl-eval."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

KINDS = ("simple_python", "multiple", "parallel")
# Its tools have nothing to do with its questions: right is to call none.
IRRELEVANT = "irrelevance"
# BFCL writes Python's names for some types.
TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": None}
# Calls by name, each with the values that are right for each argument; "" means that it may be left out.
Truth = list[dict[str, dict[str, list[Any]]]]


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    kind: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    truth: Truth


def items(folder: Path, kind: str, count: int) -> Iterator[Item]:
    answers = folder / "possible_answer" / f"BFCL_v4_{kind}.json"
    truths = {} if kind == IRRELEVANT else {line["id"]: line["ground_truth"] for line in _lines(answers)}
    for line in islice(_lines(folder / f"BFCL_v4_{kind}.json"), count):
        tools = [_tool(function) for function in line["function"]]
        truth = [{_name(name): values for name, values in call.items()} for call in truths.get(line["id"], [])]
        yield Item(line["id"], kind, line["question"][0], tools, truth)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text().splitlines():
        yield json.loads(line)


def _tool(function: dict[str, Any]) -> dict[str, Any]:
    described = {"name": _name(function["name"]), "description": function["description"]}
    return {"type": "function", "function": described | {"parameters": _schema(function["parameters"])}}


def _name(name: str) -> str:
    """OpenAI allows no dots."""
    return name.replace(".", "_")


def _schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    cleaned = {key: _schema(value) for key, value in schema.items()}
    kind = cleaned.get("type")
    if isinstance(kind, str) and kind in TYPES:
        cleaned |= {"type": TYPES[kind]}
    return {key: value for key, value in cleaned.items() if not (key == "type" and value is None)}
