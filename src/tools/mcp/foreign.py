"""What an MCP server says of its tools, and what it answers, made ours: bounded, and nothing taken on trust. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from ...chat import Image
from ..keeping import cleaned
from ..registry import ToolUnusable, check
from ..tool import Executor, Output, Tool

LONGEST_NAME = 64  # what every API allows
LONGEST_DESCRIPTION = 1000
LONGEST_SCHEMA = 16_000  # characters of JSON: all of it goes into every prompt
LONGEST_TEXT = 64 * 2**10
LARGEST_IMAGE = 4 * 2**20
IMAGES = 4
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SECONDS = 120.0


def own_name(server: str, name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{server}_{name}")[:LONGEST_NAME]


def tool(server: str, said: Any, run: Executor) -> Tool:
    """ToolUnusable says why it cannot be one of ours."""
    name = said.get("name") if isinstance(said, dict) else None
    if not isinstance(name, str) or not name:
        raise ToolUnusable("One of its tools has no name.")
    description, schema = said.get("description"), said.get("inputSchema")
    if not isinstance(schema, dict) or schema.get("type", "object") != "object":
        raise ToolUnusable(f"The schema of the tool {plain(name)} is not one of an object.")
    text = plain(description)[:LONGEST_DESCRIPTION] if isinstance(description, str) else ""
    made = Tool(own_name(server, name), text, schema | {"type": "object"}, run, seconds=SECONDS, checks=True)
    check(made)
    _check_schema(made)
    return made


def _check_schema(tool: Tool) -> None:
    if len(json.dumps(tool.schema)) > LONGEST_SCHEMA:
        raise ToolUnusable(f"The schema of the tool {tool.name} is longer than {LONGEST_SCHEMA} characters.")
    try:
        Draft202012Validator.check_schema(tool.schema)
    except SchemaError as error:
        raise ToolUnusable(f"The schema of the tool {tool.name} is none: {plain(error.message)[:200]}.") from None


def output(content: Sequence[Any], structured: Any, failed: bool) -> Output:
    """Of a result, which may hold anything. What is structured is for programs, and told where nothing else is."""
    blocks = [block for block in content if isinstance(block, dict)]
    images = tuple(_images(blocks))[:IMAGES]
    told = "\n".join(_texts(blocks))
    if not blocks and structured is not None:
        told = json.dumps(structured)
    return Output(_bounded(told), images, failed)


def _bounded(text: str) -> str:
    kept = cleaned(text[:LONGEST_TEXT].encode("utf-8", "replace"))
    left = len(text) - LONGEST_TEXT
    return f"{kept}\n[{left} more characters are left out]" if left > 0 else kept


def _texts(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        inner = block.get("resource")
        text = (inner if isinstance(inner, dict) else block).get("text")
        if isinstance(text, str):
            yield text
        elif block.get("type") == "resource_link":
            yield str(block.get("uri", ""))
        elif _image(block) is None:
            yield f"[{str(block.get('type', 'something'))[:40]}, which cannot be shown here]"


def _images(blocks: Iterable[dict[str, Any]]) -> Iterator[Image]:
    for block in blocks:
        if image := _image(block):
            yield image


def _image(block: dict[str, Any]) -> Image | None:
    """None for what is none, or too large."""
    kind, data = block.get("mimeType"), block.get("data")
    if block.get("type") != "image" or kind not in PICTURES or not isinstance(data, str) or len(data) > LARGEST_IMAGE:
        return None
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Image(f"data:{kind};base64,{data}")


def plain(text: str) -> str:
    """It is shown in terminals and told to models."""
    return cleaned(text[: LONGEST_DESCRIPTION * 2].encode("utf-8", "replace")).strip()
