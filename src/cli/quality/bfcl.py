"""Questions that want tools to be called, or not to be: those of the Berkeley Function Calling Leaderboard."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from .question import Calls, Question, Truth

KINDS = ("simple_python", "multiple", "parallel")
# Its tools have nothing to do with its questions: right is to call none.
IRRELEVANT = "irrelevance"
# BFCL writes Python's names for some types.
TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": None}
MOST_TOKENS = 300

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    kind: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    truth: Truth


def items(folder: Path, kind: str, count: int) -> Iterator[Item]:
    return map(item, islice(lines(folder, kind), count))


def lines(folder: Path, kind: str) -> Iterator[Line]:
    """As BFCL wrote them, each with what is right for it. `folder`: `bfcl_eval/data` of the package bfcl-eval."""
    answers = folder / "possible_answer" / f"BFCL_v4_{kind}.json"
    truths = {} if kind == IRRELEVANT else {line["id"]: line["ground_truth"] for line in _lines(answers)}
    for line in _lines(folder / f"BFCL_v4_{kind}.json"):
        yield line | {"ground_truth": truths.get(line["id"], [])}


def item(line: Line) -> Item:
    tools = [_tool(function) for function in line["function"]]
    truth = [{_name(name): values for name, values in call.items()} for call in line["ground_truth"]]
    return Item(line["id"], line["id"].rpartition("_")[0], line["question"][0], tools, truth)


def question(line: Line) -> Question:
    asked = item(line)
    irrelevant = asked.kind == IRRELEVANT
    body = {
        "messages": asked.messages,
        "tools": asked.tools,
        "tool_choice": "auto" if irrelevant else "required",
        "parallel_tool_calls": asked.kind.startswith("parallel"),
        "max_tokens": MOST_TOKENS,
    }
    return Question(asked.id, IRRELEVANT if irrelevant else "calls", body, Calls(asked.truth))


def _lines(path: Path) -> Iterator[Line]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


def _tool(function: Line) -> Line:
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
