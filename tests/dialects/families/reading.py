# ruff: noqa: RUF001 - some of the bars are wide, and part of the names
"""What the tests of the families share: tools, a reader fed in any pieces, the grammar held against a text."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper
from localswarm.chat import Message, Text, Thinking, ToolCall, ToolResult, ToolSpec
from localswarm.dialects.family import Argued, Begun, CallPart, CallRules, Ended, Family, Plain
from localswarm.dialects.grammar.lark import resolved
from localswarm.dialects.template import ChatTemplate

TEMPLATES = Path(__file__).parents[1] / "templates"

WEATHER = ToolSpec(
    "get_weather",
    "The weather in a city.",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city"},
            "days": {"type": "integer"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
    },
)
EDIT = ToolSpec(
    "edit",
    "Changes a file.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "text": {"type": "string"},
            "all": {"type": "boolean"},
            "marks": {"type": "array", "items": {"$ref": "#/$defs/mark"}},
        },
        "required": ["path", "text"],
        "$defs": {
            "mark": {
                "type": "object",
                "properties": {"line": {"type": "integer"}, "why": {"type": ["string", "null"]}},
                "required": ["line"],
            }
        },
    },
)
NOW = ToolSpec("now", "The time.", {"type": "object", "properties": {}})
TOOLS = (WEATHER, EDIT, NOW)
NAMES = frozenset(tool.name for tool in TOOLS)

CALL = ToolCall("call_0123456789", "get_weather", '{"city": "Zürich", "days": 2}')
# A whole round with a tool, and what the user says to it.
CONVERSATION = (
    Message("system", (Text("Be brief."),)),
    Message("user", (Text("How is the weather?"),)),
    Message("assistant", (Thinking("They mean Zürich."), CALL)),
    Message("tool", (ToolResult(CALL.id, '{"sky": "grey"}'),)),
    Message("assistant", (Text("Grey."),)),
    Message("user", (Text("And tomorrow?"),)),
)
# The model has to go on from the result.
PENDING = CONVERSATION[:4]

# What real vocabularies have as one token.
MARKERS = (
    *("<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"),
    *("[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"),
    *("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|call|>"),
    *(
        "<｜tool▁calls▁begin｜>",
        "<｜tool▁calls▁end｜>",
        "<｜tool▁call▁begin｜>",
        "<｜tool▁call▁end｜>",
        "<｜tool▁sep｜>",
    ),
    *("<|tool_call>", "<tool_call|>", '<|"|>', "<start_function_call>", "<end_function_call>", "<escape>"),
)

CUTS = st.lists(st.integers(0, 400), max_size=30)
ANY_CUT = settings(max_examples=100, deadline=None)


def call(name: str, *arguments: str) -> list[CallPart]:
    return [Begun(name), *map(Argued, arguments), Ended()]


def read(family: Family, text: str, cuts: Iterable[int] = (), tools: Sequence[ToolSpec] = TOOLS) -> list[CallPart]:
    """The parts, as if they had come at once; what is left over for somebody else stands at the end as Plain."""
    reader = family.reader(frozenset(tool.name for tool in tools), tools)
    parts: list[CallPart] = []
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, end in pairwise(places):
        if reader.rest is not None:
            return joined([*parts, Plain(reader.rest + text[start:])])
        parts += reader.feed(text[start:end])
    if reader.rest is not None:
        return joined([*parts, Plain(reader.rest)])
    return joined([*parts, *reader.finish()])


def joined(parts: Iterable[CallPart]) -> list[CallPart]:
    out: list[CallPart] = []
    for part in parts:
        last = out[-1] if out else None
        if isinstance(part, Argued) and isinstance(last, Argued):
            out[-1] = Argued(last.text + part.text)
        elif isinstance(part, Plain) and isinstance(last, Plain):
            out[-1] = Plain(last.text + part.text)
        elif not isinstance(part, Plain) or part.text:
            out.append(part)
    return out


Case = tuple[Family, str, list[CallPart]]


def reads_as_told(cases: Mapping[str, Case]) -> Callable[..., None]:
    """Two tests in one: each text is read as its case says, and whatever way it is cut it is read the same."""

    @pytest.mark.parametrize(("family", "text", "parts"), cases.values(), ids=cases)
    @settings(max_examples=8, deadline=None)
    @given(cuts=CUTS)
    def test(family: Family, text: str, parts: list[CallPart], cuts: list[int]) -> None:
        assert read(family, text) == parts
        assert read(family, text, cuts) == parts == read(family, text, range(len(text)))

    told: Callable[..., None] = test
    return told


class Vocabulary:
    """Every byte is a token, and so is each of these markers."""

    eos_token_id = 256
    bos_token_id = None

    def __init__(self, markers: Sequence[str]) -> None:
        self.tokens = [*(bytes([byte]) for byte in range(256)), b"<eos>", *(marker.encode() for marker in markers)]
        self.special_token_ids = list(range(256, len(self.tokens)))
        self._ids = {marker: 257 + number for number, marker in enumerate(markers)}
        self._split = re.compile(f"({'|'.join(map(re.escape, markers)) or '(?!)'})")
        self.tokenizer = LLTokenizer(TokenizerWrapper(self))

    def __call__(self, text: bytes) -> list[int]:
        return list(text)

    def special(self, marker: str) -> int | None:
        return self._ids.get(marker)

    def tokens_of(self, text: str) -> list[int]:
        return [token for piece in self._split.split(text) for token in self._piece(piece)]

    def _piece(self, piece: str) -> list[int]:
        return [self._ids[piece]] if piece in self._ids else list(piece.encode())


BARE = Vocabulary(())
RICH = Vocabulary(MARKERS)


def accepted(family: Family, text: str, tools: Sequence[ToolSpec] = TOOLS) -> bool:
    """Byte for byte, and nothing is missing at the end. Markers as control tokens or as plain text: it is the same."""
    rules = family.call_rules(tools)
    bare, rich = _accepted(rules, text, BARE), _accepted(rules, text, RICH)
    assert bare == rich
    return bare


def _accepted(rules: CallRules, text: str, vocabulary: Vocabulary) -> bool:
    several = f"({rules.between} call)*" if rules.several else ""
    lark = resolved(f"start: {rules.first} call {several} {rules.last}\n{rules.rules}\n", vocabulary.special)
    matcher = LLMatcher(vocabulary.tokenizer, lark, log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    tokens = vocabulary.tokens_of(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


def source(template: str) -> str:
    return (TEMPLATES / f"{template}.jinja").read_text(encoding="utf-8")


def rendered(
    family: Family, template: str, messages: Sequence[Message] = CONVERSATION, tools: Sequence[ToolSpec] = (WEATHER,)
) -> str:
    shown = [{"type": "function", "function": _shown(tool)} for tool in tools]
    return ChatTemplate(source(template), "", "<s>", "</s>").prompt(family.turns(messages), shown)


def _shown(tool: ToolSpec) -> dict[str, object]:
    return {"name": tool.name, "description": tool.description, "parameters": tool.schema}
