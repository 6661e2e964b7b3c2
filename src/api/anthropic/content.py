"""Content blocks and messages, from Anthropic's wire. Pure.

Several blocks of text become one text with line breaks between them: templates would glue them together.
"""

import json
import re
from collections.abc import Iterable

from ...chat import Image, Message, Part, Role, Text, Thinking, ToolCall, ToolResult
from ..fields import Fields, describe

ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}
# Traces of what ran on Anthropic's servers, and thoughts that only they can read: nothing in them is for this model.
FOREIGN = re.compile(r"redacted_thinking|server_tool_use|mcp_tool_use|\w+_tool_result")
# claude-code puts a line about billing before everything else. Some versions change it with each request, and then no
# prompt would begin like the one before it.
BILLING = re.compile(r"\Ax-anthropic-billing-header:(?:[ \t]*[\w-]+=[^;\n]*;?)*[ \t]*\n?")


def conversation(fields: Fields) -> tuple[Message, ...]:
    listed = fields.listed("messages")
    if listed is None:
        raise fields.missing("messages")
    if not listed:
        raise fields.wrong("messages", "must hold at least one message")
    messages, calls = _system(fields), dict[str, str]()
    for one in listed:
        messages += _messages(one, calls)
    if messages[-1].calls:
        raise fields.wrong("messages", "ends with a tool_use block, and no tool_result block follows it")
    return tuple(messages)


def _system(fields: Fields) -> list[Message]:
    if fields.raw("system") is None:
        return []
    texts = [_text_of(block) for block in _blocks(fields, "system")]
    texts[:1] = [BILLING.sub("", text) for text in texts[:1]]
    text = "\n".join(text for text in texts if text)
    return [Message("system", (Text(text),))] if text else []


def _messages(fields: Fields, calls: dict[str, str]) -> list[Message]:
    """`calls`: the names of all calls so far, by their ids.

    Results of tools come in messages of the user's, and get one of their own that goes before the rest.
    """
    role = fields.one_of("role", tuple(ROLES))
    if role is None:
        raise fields.missing("role")
    parts = [part for block in _blocks(fields, "content") for part in _parts(block, role, calls)]
    results = tuple(part for part in parts if isinstance(part, ToolResult))
    if not results:
        return [Message(ROLES[role], _joined(parts))]
    rest = _joined(part for part in parts if not isinstance(part, ToolResult))
    return [Message("tool", results), *([Message("user", rest)] if rest else [])]


def _blocks(fields: Fields, key: str) -> list[Fields]:
    value = fields.raw(key)
    if value is None:
        raise fields.missing(key)
    if isinstance(value, str):
        return [Fields({"type": "text", "text": value}, fields.name(key))]
    if not isinstance(value, list):
        raise fields.wrong(key, f"must be a string or an array of blocks, not {describe(value)}")
    return fields.listed(key) or []


def _parts(block: Fields, role: str, calls: dict[str, str]) -> list[Part]:
    kind = block.needed("type")
    match kind, role:
        case (("text" | "document" | "search_result"), _):
            return [Text(_text_of(block))]
        case "image", "user":
            return [_image(block)]
        case "tool_result", "user":
            return _result(block, calls)
        case "thinking", "assistant":
            return [Thinking(block.needed("thinking"))]
        case "tool_use", "assistant":
            return [_call(block, calls)]
        case (("image" | "tool_result" | "thinking" | "tool_use"), _):
            raise block.wrong("type", f'"{kind}" does not belong in a message of role {role}')
    if FOREIGN.fullmatch(kind):
        return []
    raise block.unsupported("type", f'"{kind[:40]}" is not supported by this server')


def _text_of(block: Fields) -> str:
    match block.needed("type"):
        case "text":
            return block.needed("text")
        case "document":
            return _document(block)
        case "search_result":
            texts = [_text_of(inner) for inner in _blocks(block, "content")]
            return "\n".join([block.needed("title"), block.needed("source"), *texts])
        case "tool_reference":
            return block.needed("tool_name")
        case kind:
            raise block.unsupported("type", f'"{kind[:40]}" is not supported by this server')


def _document(block: Fields) -> str:
    source = block.fields("source")
    if source is None:
        raise block.missing("source")
    match source.needed("type"):
        case "text":
            text = source.needed("data")
        case "content":
            text = "\n".join(_text_of(inner) for inner in _blocks(source, "content"))
        case kind:
            raise source.unsupported("type", f'"{kind[:40]}" is not supported by this server: send documents as text')
    return "\n".join(said for said in (block.text("title"), block.text("context"), text) if said)


def _image(block: Fields) -> Image:
    source = block.fields("source")
    if source is None:
        raise block.missing("source")
    match source.needed("type"):
        case "base64":
            return Image(f"data:{source.needed('media_type')};base64,{source.needed('data')}")
        case "url":
            return Image(source.needed("url"))
        case kind:
            raise source.unsupported("type", f'"{kind[:40]}" is not supported by this server')


def _call(block: Fields, calls: dict[str, str]) -> ToolCall:
    given = block.fields("input")
    if given is None:
        raise block.missing("input")
    call = ToolCall(block.needed("id"), block.needed("name"), json.dumps(given.values, ensure_ascii=False))
    calls[call.id] = call.name
    return call


def _result(block: Fields, calls: dict[str, str]) -> list[Part]:
    """Pictures in it follow it: a result itself is text."""
    call = block.needed("tool_use_id")
    if call not in calls:
        raise block.wrong("tool_use_id", f'is "{call[:64]}", but no earlier tool_use block has this id')
    inside = _blocks(block, "content") if block.raw("content") is not None else []
    pictures = [_image(inner) for inner in inside if inner.raw("type") == "image"]
    text = "\n".join(_text_of(inner) for inner in inside if inner.raw("type") != "image")
    return [ToolResult(call, text, calls[call], block.truth("is_error") or False), *pictures]


def _joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    joined: list[Part] = []
    texts: list[str] = []
    for part in (*parts, None):
        if isinstance(part, Text):
            texts.append(part.text)
            continue
        joined += [Text("\n".join(texts))] if texts else []
        joined += [part] if part else []
        texts = []
    return tuple(joined)
