"""Candidates, requests and votes in few words."""

import json
from typing import Any

from localswarm.chat import (
    Candidate,
    ChatRequest,
    Message,
    Reason,
    ResponseFormat,
    Text,
    ToolCall,
    ToolChoice,
    ToolSpec,
    Usage,
)
from localswarm.swarm.consensus.count import Vote
from localswarm.swarm.consensus.forms import Form

WEATHER = ToolSpec(
    "get_weather",
    "The weather somewhere.",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "default": 1},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "exact": {"type": "boolean"},
        },
        "required": ["city"],
    },
)
WRITE = ToolSpec(
    "write_file",
    "Write a file.",
    {
        "type": "object",
        "properties": {"filePath": {"type": "string"}, "content": {"type": "string"}},
        "required": ["filePath", "content"],
    },
)
BASH = ToolSpec(
    "bash",
    "Run a command.",
    {
        "type": "object",
        "properties": {"command": {"type": "string"}, "description": {"type": "string"}},
        "required": ["command"],
    },
)


def says(text: str, *calls: tuple[str, Any], reason: Reason = "stop") -> Candidate:
    """Arguments are JSON text, or what is written as such."""
    made = [
        ToolCall(f"call_{at}", name, arguments if isinstance(arguments, str) else json.dumps(arguments))
        for at, (name, arguments) in enumerate(calls)
    ]
    return Candidate("member", Message("assistant", (Text(text), *made)), reason, Usage(10, 10))


def asks(*tools: ToolSpec, choice: ToolChoice | None = None, schema: dict[str, Any] | None = None) -> ChatRequest:
    wanted = None if schema is None else ResponseFormat(schema)
    return ChatRequest("r", "swarm", (), tools, choice or ToolChoice(), wanted)


def vote(
    said: str | Form,
    member: str = "one",
    model: str = "",
    strength: float = 0.5,
    logprob: float | None = None,
    leads: bool = False,
) -> Vote:
    """`said`: the answer, short; with `!` before it a call, with `~` prose, and with `-` what has no vote."""
    return Vote(said if isinstance(said, Form) else _form(said), member, model or member, strength, logprob, leads)


def _form(said: str) -> Form:
    match said[:1]:
        case "!":
            return Form("tool_call", True, key=said, act=True, said=said)
        case "~":
            return Form("prose", True, soft=said, said=said)
        case "-":
            return Form("short", False, "It was cut off.", said=said)
    return Form("short", True, key=said, said=said)
