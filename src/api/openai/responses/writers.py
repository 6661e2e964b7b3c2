"""One output item while it is written: the events that begin it, go on with it and end it. Pure."""

from collections.abc import Iterator
from typing import Any, Protocol

from ....chat import TokenLogprob, ToolCall
from .. import logprobs
from .argument import TextArgument
from .call import Call, Item
from .output import IN_PROGRESS, call_item, call_prefix, item_id, message_item, reasoning_item, text_part

# The type of an event, and its own fields.
Said = tuple[str, dict[str, Any]]


class Writer(Protocol):
    def begin(self) -> Iterator[Said]: ...

    def end(self) -> Iterator[Said]:
        """Up to, and without, the item itself."""
        ...

    def item(self, status: str) -> Item: ...


class MessageWriter:
    def __init__(self, call: Call, index: int) -> None:
        self._id = item_id("msg", call.request.id, index)
        self._where = {"item_id": self._id, "output_index": index, "content_index": 0}
        self._text: list[str] = []
        self._entries: list[TokenLogprob] = []

    def begin(self) -> Iterator[Said]:
        yield "response.output_item.added", {"item": message_item(self._id, [], IN_PROGRESS)}
        yield "response.content_part.added", self._where | {"part": text_part("")}

    def add(self, text: str, entries: tuple[TokenLogprob, ...]) -> Iterator[Said]:
        self._text.append(text)
        self._entries += entries
        yield "response.output_text.delta", self._where | {"delta": text, "logprobs": logprobs.to_wire(entries)}

    def end(self) -> Iterator[Said]:
        part = self._part()
        done = {"text": part["text"], "logprobs": part["logprobs"]}
        yield "response.output_text.done", self._where | done
        yield "response.content_part.done", self._where | {"part": part}

    def item(self, status: str) -> Item:
        return message_item(self._id, [self._part()], status)

    def _part(self) -> dict[str, Any]:
        return text_part("".join(self._text), self._entries)


class ReasoningWriter:
    """Thoughts as they are, or, where the client asked for one, as the only part of a summary."""

    def __init__(self, call: Call, index: int) -> None:
        self._call = call
        self._id = item_id("rs", call.request.id, index)
        self._where = {"item_id": self._id, "output_index": index, _counter(call): 0}
        self._kind = "reasoning_summary" if call.summary else "reasoning"
        self._text: list[str] = []

    def begin(self) -> Iterator[Said]:
        yield "response.output_item.added", {"item": reasoning_item(self._call, self._id, "", IN_PROGRESS)}
        yield f"response.{self._part_kind}.added", self._where | {"part": self._part("")}

    def add(self, text: str) -> Iterator[Said]:
        self._text.append(text)
        yield f"response.{self._kind}_text.delta", self._where | {"delta": text}

    def end(self) -> Iterator[Said]:
        text = "".join(self._text)
        yield f"response.{self._kind}_text.done", self._where | {"text": text}
        yield f"response.{self._part_kind}.done", self._where | {"part": self._part(text)}

    def item(self, status: str) -> Item:
        return reasoning_item(self._call, self._id, "".join(self._text), status)

    @property
    def _part_kind(self) -> str:
        return "reasoning_summary_part" if self._call.summary else "content_part"

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": "summary_text" if self._call.summary else "reasoning_text", "text": text}


def _counter(call: Call) -> str:
    return "summary_index" if call.summary else "content_index"


class CallWriter:
    """A call of a function, or of a custom tool, whose only argument is shown as its input."""

    def __init__(self, call: Call, index: int, call_id: str, name: str) -> None:
        self._call = call
        self._made = ToolCall(call_id, name, "")
        self._id = item_id(call_prefix(call, name), call.request.id, index)
        self._where = {"item_id": self._id, "output_index": index}
        self._custom = call.tools.of(name).kind == "custom"
        self._input = TextArgument()
        self._fragments: list[str] = []

    def begin(self) -> Iterator[Said]:
        yield "response.output_item.added", {"item": call_item(self._call, self._id, self._made, IN_PROGRESS)}

    def add(self, arguments: str) -> Iterator[Said]:
        self._fragments.append(arguments)
        kind = "custom_tool_call_input" if self._custom else "function_call_arguments"
        delta = self._input.feed(arguments) if self._custom else arguments
        if delta:
            yield f"response.{kind}.delta", self._where | {"delta": delta}

    def end(self) -> Iterator[Said]:
        item = self.item("")
        if self._custom:
            yield "response.custom_tool_call_input.done", self._where | {"input": item["input"]}
        else:
            done = {"arguments": item["arguments"], "name": item["name"]}
            yield "response.function_call_arguments.done", self._where | done

    def item(self, status: str) -> Item:
        made = ToolCall(self._made.id, self._made.name, "".join(self._fragments))
        return call_item(self._call, self._id, made, status)
