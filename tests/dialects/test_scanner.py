"""Texts as models really write them, in any pieces, become text, thinking and calls."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.chat import ChatRequest, ResponseFormat, TextDelta, ToolChoice
from localswarm.dialects.base import Plan
from localswarm.dialects.scanner import AnswerScanner
from localswarm.dialects.thinking import Thoughts

from .speaking import ANY_CUT, BARE_CHATML, CUTS, LLAMA, Said, asks, dialect, pieces, scanned, source

SPEAKERS = {
    "qwen2.5": dialect(source("Qwen-Qwen2.5-7B-Instruct")),
    "qwen3": dialect(source("Qwen-Qwen3-0.6B")),
    "taught": dialect(BARE_CHATML),
    "llama": dialect(LLAMA),
    "gpt-oss": dialect(source("openai-gpt-oss-120b")),
    "mistral": dialect(source("unsloth-mistral-Devstral-Small-2507")),
    "qwen3-coder": dialect(source("Qwen3-Coder")),
}
A = '{"path": "src/a.py"}'
READ = ["read_file", A]
LS = ["ls", "{}"]
HARMONY = "<|start|>assistant<|channel|>"

# speaker, what the model wrote, what it is
ANSWERS = [
    ("qwen2.5", "Hello, how can I help?", Said("Hello, how can I help?")),
    ("qwen2.5", "  indented\n\n", Said("  indented\n\n")),
    ("qwen2.5", f'<tool_call>\n{{"name": "read_file", "arguments": {A}}}\n</tool_call>', Said(calls=[READ])),
    (
        "qwen2.5",
        f'I will look.\n<tool_call>\n{{"name": "read_file", "arguments": {A}}}\n</tool_call>\n'
        '<tool_call>\n{"name": "ls", "arguments": {}}\n</tool_call>\n',
        Said("I will look.", calls=[READ, LS]),
    ),
    # Its end is forgotten, or a bracket is.
    ("qwen2.5", f'<tool_call>\n{{"name": "read_file", "arguments": {A}}}', Said(calls=[READ])),
    ("qwen2.5", f'<tool_call>\n{{"name": "read_file", "arguments": {A}\n</tool_call>', Said(calls=[READ])),
    (
        "qwen2.5",
        '<tool_call>{"name": "read_file", "arguments": {"path": "a\\"}\\\\"}}</tool_call>',
        Said(calls=[["read_file", '{"path": "a\\"}\\\\"}']]),
    ),
    ("qwen2.5", f'<tool_call>{{"arguments": {A}, "name": "read_file"}}</tool_call>', Said(calls=[READ])),
    ("qwen2.5", 'The <tool_call> tag <b>and</b> < "x"', Said('The <tool_call> tag <b>and</b> < "x"')),
    (
        "qwen2.5",
        '<tool_call>\n{"name": "rm", "arguments": {}}\n</tool_call>',
        Said('<tool_call>\n{"name": "rm", "arguments": {}}\n</tool_call>'),
    ),
    # Qwen2.5-Coder puts its calls into a fence.
    ("qwen2.5", f'```json\n{{\n  "name": "read_file",\n  "arguments": {A}\n}}\n```', Said(calls=[READ])),
    (
        "qwen2.5",
        f'First I read it.\n\n```json\n{{"name": "read_file", "arguments": {A}}}\n```\nThen I tell.',
        Said("First I read it.Then I tell.", calls=[READ]),
    ),
    ("qwen2.5", f'{{"name": "read_file", "parameters": {A}}}', Said(calls=[READ])),
    (
        "qwen2.5",
        f'[{{"name": "ls", "arguments": {{}}}}, {{"name": "read_file", "arguments": {A}}}]',
        Said(calls=[LS, READ]),
    ),
    ("qwen2.5", '{"type": "function", "function": {"name": "ls", "arguments": "{}"}}', Said(calls=[LS])),
    ("qwen2.5", '{{"name": "ls", "arguments": {}}}', Said(calls=[LS])),
    ("qwen2.5", f'```json\n{{{{"name": "read_file", "arguments": {A}}}}}\n```', Said(calls=[READ])),
    ("qwen2.5", "{{name}} is a placeholder.", Said("{{name}} is a placeholder.")),
    ("qwen2.5", "{", Said("{")),
    ("qwen2.5", 'Use {"name": "ls", "arguments": {}} here.', Said('Use {"name": "ls", "arguments": {}} here.')),
    ("qwen2.5", '{"name": "my-app", "version": "1.0"}', Said('{"name": "my-app", "version": "1.0"}')),
    ("qwen2.5", '{"name": "ls", "arguments": "all of them"}', Said('{"name": "ls", "arguments": "all of them"}')),
    ("qwen2.5", "```python\nprint('ls')\n```\nls -la", Said("```python\nprint('ls')\n```\nls -la")),
    ("qwen2.5", "`` ```", Said("`` ```")),
    ("qwen3", "<think>\nThey greet me.\n</think>\n\nHello!", Said("Hello!", "They greet me.")),
    ("qwen3", "<think>\n\n</think>\n\nHello!", Said("Hello!")),
    (
        "qwen3",
        f'<think>\nRead it.\n</think>\n\n<tool_call>\n{{"name": "read_file", "arguments": {A}}}\n</tool_call>',
        Said(thought="Read it.", calls=[READ]),
    ),
    ("qwen3", "<think>\nHow long should I <think", Said(thought="How long should I <think")),
    ("qwen3", "The <think> tag opens it.", Said("The <think> tag opens it.")),
    ("taught", f"TOOL: read_file\nARGUMENTS: {A}\n", Said(calls=[READ])),
    (
        "taught",
        f"I look.\nTOOL: read_file\nARGUMENTS: {A}\nTOOL: ls\nARGUMENTS: {{}}",
        Said("I look.", calls=[READ, LS]),
    ),
    ("taught", f"TOOL: `read_file`\r\nARGUMENTS:\n{A}\nDone.", Said("Done.", calls=[READ])),
    ("taught", "TOOL: hammer\nARGUMENTS: {}", Said("TOOL: hammer\nARGUMENTS: {}")),
    ("taught", "A TOOL: is a thing.\nYes.", Said("A TOOL: is a thing.\nYes.")),
    ("taught", "TOOL: ls\nI mean it.", Said("TOOL: ls\nI mean it.")),
    ("taught", "Take a TOO", Said("Take a TOO")),
    ("llama", f'{{"name": "read_file", "parameters": {A}}}', Said(calls=[READ])),
    ("llama", f'<|python_tag|>{{"name": "read_file", "parameters": {A}}}', Said(calls=[READ])),
    (
        "llama",
        f'{{"name": "ls", "parameters": {{}}}}; {{"name": "read_file", "parameters": {A}}}',
        Said(calls=[LS, READ]),
    ),
    ("llama", f'{{"type": "function", "name": "read_file", "parameters": {A}}}', Said(calls=[READ])),
    ("llama", '{"name": "x"} is JSON', Said('{"name": "x"} is JSON')),
    (
        "gpt-oss",
        f"<|channel|>analysis<|message|>Greet.<|end|>{HARMONY}final<|message|>Hello!<|return|>",
        Said("Hello!", "Greet."),
    ),
    (
        "gpt-oss",
        "<|channel|>analysis<|message|>Read.<|end|>"
        f"{HARMONY}commentary to=functions.read_file <|constrain|>json<|message|>{A}<|call|>",
        Said(thought="Read.", calls=[READ]),
    ),
    (
        "gpt-oss",
        f"<|channel|>analysis<|message|>One.<|end|>{HARMONY}analysis<|message|>Two.<|end|>{HARMONY}final<|message|>Yes.",
        Said("Yes.", "One.Two."),
    ),
    ("mistral", f"[TOOL_CALLS]read_file[ARGS]{A}", Said(calls=[READ])),
    (
        "qwen3-coder",
        "Let me see.\n\n<tool_call>\n<function=read_file>\n<parameter=path>\nsrc/a.py\n</parameter>\n</function>\n"
        "</tool_call>",
        Said("Let me see.", calls=[READ]),
    ),
]


@pytest.mark.parametrize(
    ("speaker", "text", "expected", "enforced"), [(*a, e) for a, e in product(ANSWERS, (True, False))]
)
def test_what_a_model_writes_is_the_same_in_any_pieces(speaker: str, text: str, expected: Said, enforced: bool) -> None:
    expected.whole = len(expected.calls)
    one, request = SPEAKERS[speaker], asks()
    plan = one.plan(request)
    for size in (1, 2, 3, 5, 7, 11, len(text)):
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        assert scanned(one, request, parts, plan, enforced) == expected


MARKERS = ("<tool_call>", "</tool_call>", "<think>", "</think>", "```", "```json", "<", "<t", "``", "<|python_tag|>")
WORDS = ("TOOL:", " ls", "ARGUMENTS: ", "TOO", "word", "é", "\n", " ", "[TOOL_CALLS]", "[ARGS]")
JSON = ('{"name": "', 'read_file", "arguments": ', "{}", "{", "}", "[", "]", ",", '"', "\\")
CALLS = (A, '{"name": "ls", "arguments": {}}', "TOOL: ls\nARGUMENTS: {}\n")
FRAGMENTS = st.sampled_from([*MARKERS, *WORDS, *JSON, *CALLS])
SOUP = st.lists(FRAGMENTS, max_size=14).map("".join)


@ANY_CUT
@given(SOUP, CUTS, st.sampled_from(["qwen3", "taught", "llama", "mistral"]), st.booleans())
def test_any_cut_gives_the_same(text: str, cuts: list[int], speaker: str, enforced: bool) -> None:
    one, request = SPEAKERS[speaker], asks()
    plan = Plan("", "enforced" if enforced else None)
    whole = scanned(one, request, [text], plan)
    assert scanned(one, request, pieces(text, cuts), plan, enforced=True) == whole


@ANY_CUT
@given(st.text(max_size=60), CUTS)
def test_text_without_markers_comes_back_to_the_character(text: str, cuts: list[int]) -> None:
    one = SPEAKERS["qwen2.5"]
    said = scanned(one, asks(tools=()), pieces(text, cuts))
    assert said == Said(text)


@ANY_CUT
@given(SOUP)
def test_nothing_is_lost(text: str) -> None:
    """Without a call everything comes back, but for white space around thinking."""
    said = scanned(SPEAKERS["taught"], asks(), [text], Plan("", None))
    if not said.calls and not said.thought and "<think>" not in text:
        assert said.text == text


def test_a_call_that_comes_with_its_repetition_is_made_once() -> None:
    said = scanned(SPEAKERS["taught"], asks(), ['{"name": "ls", "arguments": {}}' * 2], Plan("", None))
    assert said.calls == [["ls", "{}"]] and said.whole == 1


def test_a_call_is_announced_before_its_arguments_are_whole() -> None:
    one, request = SPEAKERS["qwen2.5"], asks()
    scanner = one.scanner(request, one.plan(request), 3)
    first = scanner.feed('<tool_call>\n{"name": "read_file", "arguments": {"pa')
    assert [delta.candidate for delta in first] == [3, 3]
    assert scanner.feed('th": "a"}}\n</tool_call>') and scanner.calls == 1


def test_text_is_held_back_only_while_it_may_become_a_marker() -> None:
    one, request = SPEAKERS["qwen2.5"], asks()
    scanner = one.scanner(request, one.plan(request), 0)
    assert scanner.feed("a <tool") == [TextDelta("a")]
    assert scanner.feed("box>") == [TextDelta(" <toolbox>")]


def test_a_call_that_is_cut_off_stays_as_far_as_it_came() -> None:
    text = '<tool_call>\n{"name": "read_file", "arguments": {"path": "src/'
    for enforced in (True, False):
        said = scanned(SPEAKERS["qwen2.5"], asks(), [text], enforced=enforced)
        assert said.calls == [["read_file", '{"path": "src/']] and said.whole == 0


def test_arguments_that_are_no_json_are_text_where_nothing_enforced_them() -> None:
    text = '<tool_call>\n{"name": "ls", "arguments": {all}}\n</tool_call> ok'
    assert scanned(SPEAKERS["qwen2.5"], asks(), [text], enforced=False) == Said(text)


@pytest.mark.parametrize("request_", [asks(tools=()), asks(tool_choice=ToolChoice("none"))])
def test_where_nothing_may_be_called_everything_is_text(request_: ChatRequest) -> None:
    text = '<tool_call>\n{"name": "ls", "arguments": {}}\n</tool_call>'
    assert scanned(SPEAKERS["qwen2.5"], request_, [text]) == Said(text)


def test_only_the_named_tool_may_be_called() -> None:
    text = '<tool_call>\n{"name": "ls", "arguments": {}}\n</tool_call>'
    request = asks(tool_choice=ToolChoice("required", ("read_file",)))
    assert scanned(SPEAKERS["qwen2.5"], request, [text]) == Said(text)


def test_the_prompt_may_have_opened_the_thought() -> None:
    scanner = AnswerScanner(Thoughts(SPEAKERS["qwen3"]._family.thought, True), {}, {})
    said = Said()
    for delta in [*scanner.feed("Hm.\n</think>\nYes."), *scanner.finish()]:
        said.add(delta)
    assert said == Said("Yes.", "Hm.")


CUT = ['<tool_call>\n{"name": "read_file", "arg', '<tool_call>\n{"na', "<tool_call>", "<tool_c", "<"]


@pytest.mark.parametrize("head", CUT)
@pytest.mark.parametrize("choice", [ToolChoice(), ToolChoice("required")], ids=["auto", "required"])
def test_a_head_that_is_cut_off_behind_a_call_is_not_said(head: str, choice: ToolChoice) -> None:
    call = f'<tool_call>\n{{"name": "read_file", "arguments": {A}}}\n</tool_call>\n'
    for size in (1, 5, 200):
        text = call + head
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        said = scanned(SPEAKERS["qwen2.5"], asks(tool_choice=choice), parts)
        assert said == Said(calls=[READ], whole=1)


@pytest.mark.parametrize(
    ("speaker", "head"),
    [
        *(("qwen2.5", head) for head in CUT),
        ("taught", "TOOL: read_file\nARGUMENTS:"),
        ("taught", "TOOL: re"),
        ("taught", "TOO"),
        ("llama", '{"name": "read_fi'),
        ("llama", '{"na'),
        ("mistral", "[TOOL_CALLS]read_file[AR"),
        ("qwen3-coder", "<tool_call>\n<function=read_f"),
        ("gpt-oss", "<|channel|>commentary to=functions.read_f"),
    ],
)
def test_a_required_call_that_is_cut_off_in_its_head_is_nothing(speaker: str, head: str) -> None:
    request = asks(tool_choice=ToolChoice("required"))
    for parts in ([head], list(head)):
        assert scanned(SPEAKERS[speaker], request, parts) == Said()


def test_words_before_a_head_that_is_cut_off_stay() -> None:
    assert scanned(SPEAKERS["taught"], asks(), ["I look.\nTOOL: read_file\nARG"]) == Said("I look.")


@pytest.mark.parametrize(
    ("speaker", "text"),
    [
        ("taught", "The TOO"),
        ("qwen2.5", "if a <"),
        ("taught", 'So:\n```json\n{"name": "read_file", "argu'),
        ("taught", '{"name": "read_file", "argu'),
        ("taught", '<tool_call>\n{"name": "read'),
    ],
)
def test_what_may_be_words_stays_where_it_is_cut_off(speaker: str, text: str) -> None:
    assert scanned(SPEAKERS[speaker], asks(), [text]) == Said(text)


def test_an_answer_in_json_may_speak_of_calls() -> None:
    request = asks(response_format=ResponseFormat({"type": "object"}))
    text = '{"how": "write TOOL: read'
    assert scanned(SPEAKERS["taught"], request, [text]) == Said(text)


@pytest.mark.parametrize("arguments", ['{"path": 5}', "{}", '{"path": "a", "force": true}'])
def test_a_leaked_call_that_breaks_its_schema_is_text(arguments: str) -> None:
    text = f'```json\n{{"name": "read_file", "arguments": {arguments}}}\n```'
    assert scanned(SPEAKERS["qwen2.5"], asks(), [text], enforced=False) == Said(text)


def test_where_one_call_is_wanted_the_answer_ends_with_it() -> None:
    call = f'<tool_call>\n{{"name": "read_file", "arguments": {A}}}\n</tool_call>\n'
    fence = '```json\n{"name": "ls", "arguments": {}}\n```'
    request = asks(tool_choice=ToolChoice(parallel=False))
    for pieces_ in ([call + fence], [fence + call], list(call + fence)):
        assert len(scanned(SPEAKERS["qwen2.5"], request, pieces_).calls) == 1
