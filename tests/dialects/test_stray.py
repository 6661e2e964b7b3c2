"""Calls in a foreign form: what the grammar lets through as one is read as one, and satisfies its schema."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher
from localswarm.chat import Message, ResponseFormat, Text, ToolChoice, ToolSpec
from localswarm.dialects.choose import choose
from localswarm.dialects.dialect import FamilyDialect
from localswarm.dialects.families import FAMILIES, GENERIC
from localswarm.dialects.grammar.check import problems
from localswarm.dialects.grammar.tools import clean

from .families.reading import BARE, RICH, Vocabulary
from .speaking import CUTS, LESSON, LS, PLAIN, Said, asks, dialect, pieces, scanned, source

WRITE = ToolSpec(
    "write",
    "Writes a file.",
    {
        "type": "object",
        "properties": {"path": {"type": "string"}, "content": {"type": "string"}, "mode": {"enum": [1, 2]}},
        "required": ["path", "content"],
        "additionalProperties": False,
    },
)
# Names that begin alike, one with a letter of a marker in it, and one that begins as a marker does.
TOOLS = (WRITE, LS, *(ToolSpec(name, "", LS.schema) for name in ("lsT", "writer", "TOdo")))
SCHEMAS = {tool.name: tool.schema for tool in clean(TOOLS)[0]}
QWEN = dialect(source("Qwen-Qwen2.5-7B-Instruct"))
ARGUMENTS = '{"path": "a.py", "content": "x = \\"1\\"\\n"}'
CALL = ["write", ARGUMENTS]
OBJECT = f'{{"name": "write", "arguments": {ARGUMENTS}}}'
NOTHING = '{"name": "ls", "arguments": {}}'
FREE = ToolChoice()


@cache
def speaker(family: Any, vocabulary: Vocabulary) -> FamilyDialect:
    thought = family.thought.opening if family.thought else ""
    return choose(f"{family.name}<think>{thought}", "", "", PLAIN, lambda: LESSON, family.name, vocabulary.special)


@cache
def whole_grammar(one: FamilyDialect, choice: ToolChoice = FREE, vocabulary: Vocabulary = BARE) -> LLMatcher:
    grammar = one.plan(asks(tools=TOOLS, tool_choice=choice)).grammar or ""
    matcher = LLMatcher(vocabulary.tokenizer, grammar, log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    return matcher


def taken(one: FamilyDialect, text: str, choice: ToolChoice = FREE) -> LLMatcher | None:
    """None where the grammar does not let it through."""
    matcher = whole_grammar(one, choice).deep_copy()
    tokens = BARE.tokens_of(text)
    return matcher if matcher.try_consume_tokens(tokens) == len(tokens) else None


def possible(one: FamilyDialect, text: str) -> bool:
    matcher = taken(one, text)
    return matcher is not None and matcher.is_accepting()


def in_words(matcher: LLMatcher) -> bool:
    """No call has begun: anything may be said."""
    return matcher.validate_tokens(BARE.tokens_of("#")) == 1


# As Qwen2.5-Coder and others wrote them.
RECORDED = {
    "fence": (f"```json\n{OBJECT}\n```", Said(calls=[CALL])),
    "words": (
        f"To do so, I write the file.\n\n```json\n{OBJECT}\n```",
        Said("To do so, I write the file.", calls=[CALL]),
    ),
    "indented": (
        '```json\n{\n  "name": "write",\n  "arguments": ' + ARGUMENTS + "\n}\n```",
        Said(calls=[CALL]),
    ),
    "doubled": (f"{{{OBJECT}}}", Said(calls=[CALL])),
    "doubled in a fence": (f"```json\n{{{OBJECT}}}\n```", Said(calls=[CALL])),
    "bare": (OBJECT, Said(calls=[CALL])),
    "parameters": ('{"name": "ls", "parameters": {}}', Said(calls=[["ls", "{}"]])),
    "wrapped": ('{"type": "function", "function": {"name": "ls", "arguments": {}}}', Said(calls=[["ls", "{}"]])),
    "array": (f"[{OBJECT}, {NOTHING}]", Said(calls=[CALL, ["ls", "{}"]])),
    "array in a fence": (f"```json\n[\n{OBJECT},\n{NOTHING}\n]\n```", Said(calls=[CALL, ["ls", "{}"]])),
    "two fences": (f"```json\n{OBJECT}\n```\n\n```json\n{NOTHING}\n```", Said(calls=[CALL, ["ls", "{}"]])),
    "two lines": (f"```\n{OBJECT}\n{NOTHING}\n```", Said(calls=[CALL, ["ls", "{}"]])),
    "no end of the fence": (f"```tool_call\n{OBJECT}", Said(calls=[CALL])),
}


@pytest.mark.parametrize(("text", "said"), RECORDED.values(), ids=RECORDED)
def test_recorded(text: str, said: Said) -> None:
    said.whole = len(said.calls)
    matcher = taken(QWEN, text)
    assert matcher and matcher.is_accepting() and not in_words(matcher)
    for size in (1, 2, 3, 7, len(text)):
        assert scanned(QWEN, asks(tools=TOOLS), [text[at : at + size] for at in range(0, len(text), size)]) == said


@pytest.mark.parametrize(
    "rest",
    [
        '{"path": """x',
        '{"path": 1',
        '{"path": "a"}',
        '{"path": "a", "content": "b", "x"',
        '{"path": "a", "content": "b", "mode": 3',
        '"a"',
        "{}",
    ],
)
@pytest.mark.parametrize("head", ["```json\n{", "{{", "{", "I write.\n```\n{\n  ", "```[{", '{"function": {'])
def test_behind_a_head_only_what_the_schema_has(head: str, rest: str) -> None:
    assert taken(QWEN, f'{head}"name": "write", "arguments": ')
    assert not taken(QWEN, f'{head}"name": "write", "arguments": {rest}')


WORDS = [
    '```json\n{"name": "Ada", "age": 36}\n```',
    '{"name": "my-app", "version": "1.0"}',
    '{"name": "write", "description": "Writes a file."}',
    '```python\nx = {"name": "write", "arguments": 1}\n```',
    'Use {"name": "write", "arguments": 1} here.',
    "{{name}} and [1, 2]",
    "[1, 2]",
    "```\n[1, 2]\n```",
    '```json\n{"name": "writ',
    "{",
    "````json\n" + '{"name": "write", "arguments": 1}',
    "\u2003 x",
]


@pytest.mark.parametrize("text", WORDS)
def test_words_stay_words(text: str) -> None:
    assert possible(QWEN, text)
    assert scanned(QWEN, asks(tools=TOOLS), list(text)) == Said(text)


@pytest.mark.parametrize("blank", ["", " \n", "\u2003", " " * 30])
def test_before_a_bare_object_there_may_be_white_space(blank: str) -> None:
    head = f'{blank}{{"name": "write", "arguments": '
    assert taken(QWEN, head) and not taken(QWEN, head + "1")


@pytest.mark.parametrize("head", ['```json\n{"name": "', '{{"name": "', '[{"type": "function", "function": {"name": "'])
def test_however_many_tools_there_are(head: str) -> None:
    """llguidance gives up where a step takes it too long: only the rest of a head is another one for each tool."""
    many = [ToolSpec(f"mcp__server_{at % 9}__do_something_{at}", "", WRITE.schema) for at in range(512)]
    matcher = LLMatcher(BARE.tokenizer, QWEN.plan(asks(tools=many)).grammar or "", log_level=0)
    for token in BARE.tokens_of(f'{head}{many[300].name}", "arguments": '):
        matcher.compute_bitmask()
        assert matcher.consume_token(token), matcher.get_error()
    assert not in_words(matcher)
    assert matcher.validate_tokens(BARE.tokens_of('{"path": ')) == 9


def test_where_one_call_is_wanted_none_follows() -> None:
    one = ToolChoice(parallel=False)
    assert taken(QWEN, f"```json\n{OBJECT}\n```", one)
    assert not taken(QWEN, f"```json\n{OBJECT}\n```\n```", one)


@pytest.mark.parametrize(
    ("begun", "text", "calls"),
    [
        ("So: x =", NOTHING, 0),
        ('```json\n{"name": "l', 's", "arguments": {}}\n```', 0),
        ("```python\n", "x = 1\n```\nDone.", 0),
        ("So:", f"\n```json\n{NOTHING}\n```", 1),
        (" ", NOTHING, 1),
    ],
)
def test_an_answer_is_written_on(begun: str, text: str, calls: int) -> None:
    """In the middle of words no object begins the answer, and a head that was begun there is text."""
    user, assistant = Message("user", (Text("Hi"),)), Message("assistant", (Text(begun),))
    request = asks(user, assistant, tools=TOOLS, continue_last=True)
    plan = QWEN.plan(request)
    matcher = LLMatcher(BARE.tokenizer, plan.grammar or "", log_level=0)
    tokens = BARE.tokens_of(text)
    assert matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()
    for parts in ([text], list(text)):
        said = scanned(QWEN, request, parts, plan)
        assert said.whole == calls and (calls or said.text == text)


@pytest.mark.parametrize("choice", [ToolChoice("none"), ToolChoice("required")])
def test_only_where_words_are_as_good_as_calls(choice: ToolChoice) -> None:
    assert "stray" not in (QWEN.plan(asks(tools=TOOLS, tool_choice=choice)).grammar or "")
    assert "stray" not in (QWEN.plan(asks(tools=TOOLS, response_format=ResponseFormat({}))).grammar or "")


def test_a_tool_that_may_not_be_called_is_a_name_like_others() -> None:
    one = ToolChoice("auto", ("ls",))
    assert taken(QWEN, '{"name": "write", "arguments": 1', one)
    assert not taken(QWEN, '{"name": "ls", "arguments": 1', one)


def test_the_arguments_are_told_while_they_come() -> None:
    request = asks(tools=TOOLS)
    scanner = QWEN.scanner(request, QWEN.plan(request), 0)
    begun = scanner.feed('```json\n{"name": "write", "arguments": {"path": "a')
    assert [getattr(delta, "arguments", "") for delta in begun] == ["", '{"path": "a']


def test_a_call_that_is_cut_off_stays_as_far_as_it_came() -> None:
    text = '```json\n{"name": "write", "arguments": {"path": "a'
    assert scanned(QWEN, asks(tools=TOOLS), [text]) == Said(calls=[["write", '{"path": "a']])


@pytest.mark.parametrize(
    "head", ["\n```json\n{", '```\n{"name": "wri', ",\n{", "``", '{"name": "write", "arguments": ']
)
def test_a_head_that_is_cut_off_behind_a_call_is_not_said(head: str) -> None:
    text = NOTHING + head
    for parts in ([text], list(text)):
        assert scanned(QWEN, asks(tools=TOOLS), parts) == Said(calls=[["ls", "{}"]], whole=1)


MARKS = (
    "```",
    "`",
    "```json",
    "\n",
    " ",
    "{",
    "[",
    "}",
    "]",
    ",",
    "#",
    "<",
    "T",
    "TOO",
    '"',
    "<tool_call>",
    "<tool_call",
)
HEADS = ('{"name": "', '"name"', ': "ls", "arguments": ', "ls", "lsT", "write", '", "parameters"', ":", '{"id": "')
OWN = ("TOOL:", "TOdo", "[TOOL_CALLS]", "<think>", "</think>", '{"name"', "TOOL_CALLS]", "OOL: ls\nARG")
CALLS = (OBJECT, NOTHING, "{}", '{"arguments": {}, "name": "ls"}', ARGUMENTS, "TOOL: ls\nARGUMENTS: {}")
# Some of it spelled out in letters where it would be a control token.
SOUP = st.lists(st.tuples(st.sampled_from([*MARKS, *HEADS, *OWN, *CALLS]), st.booleans()), max_size=14)
SPEAKERS: list[Any] = [
    pytest.param(family, vocabulary, id=f"{family.name}-{kind}")
    for family in dict.fromkeys((*FAMILIES, GENERIC))
    if family.name != "gpt-oss"
    for kind, vocabulary in (("bare", BARE), ("rich", RICH))
]


def let_through(one: FamilyDialect, vocabulary: Vocabulary, soup: list[tuple[str, bool]]) -> tuple[str, LLMatcher]:
    """As much of each as the grammar takes."""
    text, matcher = b"", whole_grammar(one, vocabulary=vocabulary).deep_copy()
    for piece, spelled in soup:
        tokens = (BARE if spelled else vocabulary).tokens_of(piece)
        text += b"".join(vocabulary.tokens[token] for token in tokens[: matcher.try_consume_tokens(tokens)])
    return text.decode(), matcher


def spelled(*soup: str) -> list[tuple[str, bool]]:
    return [(piece, True) for piece in soup]


@pytest.mark.parametrize(("family", "vocabulary"), SPEAKERS)
@settings(max_examples=25, deadline=None)
@given(soup=SOUP, cuts=CUTS)
@example(soup=spelled('```json {"name": ', "```", NOTHING), cuts=[])
@example(soup=spelled('```json {"name": "ls", "x": ', "```", NOTHING), cuts=[])
@example(soup=spelled('```{"id": "', "```", '{"name": "', "ls", '", "arguments": {}'), cuts=[])
@example(soup=spelled('```{"name": "ls', "TOOL: ls\nARGUMENTS: 1"), cuts=[])
@example(soup=spelled("```[", "TOOL_CALLS]"), cuts=[])
@example(soup=spelled('```{"name": "', "TOOL: ls\nARGUMENTS: {}"), cuts=[])
@example(soup=spelled('```{"name": "', "TO", "TOOL: ls\nARGUMENTS: {}"), cuts=[])
@example(soup=spelled('```{"name": "', "```", NOTHING), cuts=[])
@example(soup=spelled('```{"name": "', "ls", '", "x": 1} and ', "```", NOTHING), cuts=[])
@example(soup=spelled("```", "```", NOTHING), cuts=[])
@example(soup=spelled("````", "```", NOTHING), cuts=[])
def test_what_the_grammar_lets_through_is_read(
    family: Any, vocabulary: Vocabulary, soup: list[tuple[str, bool]], cuts: list[int]
) -> None:
    one, request = speaker(family, vocabulary), asks(tools=TOOLS)
    text, matcher = let_through(one, vocabulary, soup)
    plan = one.plan(request)
    said = scanned(one, request, [text], plan)
    assert scanned(one, request, pieces(text, cuts), plan) == said == scanned(one, request, list(text), plan)
    assert all(not problems(json.loads(given), SCHEMAS[name]) for name, given in said.calls[: said.whole])
    if matcher.is_accepting() and not in_words(matcher):
        assert said.whole
    if in_words(matcher) and not said.calls and not said.thought:
        # Of one that ends here nobody knows whether it was spelled out.
        markers = [one for one in family.triggers if one == "<tool_call>"]
        markers += [one.strip() for one in (family.thought.opening, family.thought.closing)] if family.thought else []
        if not any(marker in text for marker in markers):
            assert said.text.strip() == text.strip()
