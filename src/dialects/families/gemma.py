"""Gemma's form since FunctionGemma and Gemma 4: an object without quotes around keys, texts between marks of their own.

    <|tool_call>call:get_weather{city:<|"|>Paris<|"|>,days:3}<tool_call|>                                    Gemma 4
    <start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>              FunctionGemma

Keys are sorted, because the templates show them so: what a model wrote is then what it reads the next time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import literal
from ..turns import native_turns
from .gemma_values import Values
from .source import NotACall, Reader, Source, Waiting
from .tagged import as_json

CALL = "call:"
# A model that repeats itself opens brackets without end.
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Gemma:
    """`quote`: the mark at both ends of a text."""

    name: str
    opening: str
    closing: str
    quote: str
    thought: Thought | None = None
    special: bool = True

    @property
    def triggers(self) -> tuple[str, ...]:
        return (self.opening,)

    def fits(self, template: str) -> bool:
        """Not Gemma 3 and older: their templates know no tools, and the taught form suits them."""
        return self.opening in template and self.quote in template

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return native_turns(messages)

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        values = Values(self.quote)
        schemas = [tool.schema | {"type": "object"} for tool in tools]
        objects = [values.of(schema, schema) for schema in schemas]
        calls = [f"{literal(tool.name)} {given}" for tool, given in zip(tools, objects, strict=True)]
        rules = [f"call_{at}: {call}" for at, call in enumerate(calls)] + values.rules
        choice = " | ".join(f"call_{at}" for at in range(len(calls)))
        call = f"call: {literal(self.opening)} {literal(CALL)} ({choice}) {literal(self.closing)}"
        return CallRules("\n".join([call, *rules]))

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return Reader(partial(_read, family=self, names=names))


def _read(source: Source, family: Gemma, names: frozenset[str]) -> Waiting[None]:
    while (yield from source.takes(family.opening, spaced=True)):
        yield from source.takes(CALL)
        name = yield from source.needs(*names)
        if not (yield from source.next_is("{")):
            raise NotACall
        source.begin(name)
        yield from _value(source, family.quote)
        source.whole()
        yield from source.takes(family.closing, spaced=True)
        source.drop()


def _value(source: Source, quote: str, depth: int = 0) -> Waiting[None]:
    if depth > DEEPEST:
        raise NotACall
    yield from source.space()
    opened = yield from source.takes(quote, '"', "{", "[")
    if opened in (quote, '"'):
        yield from _text(source, opened)
    elif opened:
        yield from _several(source, opened, quote, depth)
    else:
        word = yield from source.word(",}] \n")
        if not word:
            raise NotACall
        source.argue(as_json(word, may_be_text=False))


def _text(source: Source, quote: str) -> Waiting[None]:
    source.argue('"')
    if not (yield from source.until(lambda text: source.argue(literal(text)[1:-1]), quote)):
        raise NotACall
    source.argue('"')


def _several(source: Source, opened: str, quote: str, depth: int) -> Waiting[None]:
    """An object or an array behind its bracket."""
    closing = "}" if opened == "{" else "]"
    separator = opened
    while not (yield from source.takes(closing, spaced=True)):
        source.argue(separator)
        separator = ","
        if opened == "{":
            yield from _key(source, quote)
        yield from _value(source, quote, depth + 1)
        yield from source.space()
        yield from source.takes(",")
    source.argue(opened + closing if separator == opened else closing)


def _key(source: Source, quote: str) -> Waiting[None]:
    yield from source.space()
    opened = yield from source.takes(quote, '"')
    if opened:
        key = yield from source.before(opened)
        yield from source.needs(":", spaced=True)
    else:
        key = yield from source.before(":")
    source.argue(f"{literal(key.strip())}:")


FAMILY = Gemma("gemma", "<|tool_call>", "<tool_call|>", '<|"|>', Thought("<|channel>thought\n", "<channel|>"))
FUNCTION_GEMMA = Gemma("function-gemma", "<start_function_call>", "<end_function_call>", "<escape>")
FAMILIES = (FAMILY, FUNCTION_GEMMA)
