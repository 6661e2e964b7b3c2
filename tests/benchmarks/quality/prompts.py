"""The ways in which one question is put to a model: what else is said, in which order, in which form. Pure."""

from collections.abc import Callable
from dataclasses import replace

from localswarm.chat import ChatRequest, Message, Text, ToolChoice

HINT = (
    "Use only values that the request itself gives, as they are written there, "
    "and leave out optional parameters that it does not mention."
)
NEUTRAL = "Please do what is needed."

Change = Callable[[ChatRequest], ChatRequest]


def asked(request: ChatRequest, change: Callable[[str], str]) -> ChatRequest:
    """With other words in the user's last message."""
    at = max(index for index, message in enumerate(request.messages) if message.role == "user")
    said = Message("user", (Text(change(request.messages[at].text)),))
    return replace(request, messages=(*request.messages[:at], said, *request.messages[at + 1 :]))


def as_it_is(request: ChatRequest) -> ChatRequest:
    return request


def hinted(request: ChatRequest) -> ChatRequest:
    return asked(request, lambda text: f"{text}\n\n{HINT}")


def twice(request: ChatRequest) -> ChatRequest:
    return asked(request, lambda text: f"{text}\n\nAgain, the request: {text}")


def neutral(request: ChatRequest) -> ChatRequest:
    return asked(request, lambda text: NEUTRAL)


def reversed_tools(request: ChatRequest) -> ChatRequest:
    return replace(request, tools=request.tools[::-1])


def freely(request: ChatRequest) -> ChatRequest:
    return replace(request, tool_choice=ToolChoice("auto", (), request.tool_choice.parallel))
