"""The grammar of a request: what can be written and what cannot, with the real vocabulary."""

from collections.abc import Sequence

import pytest
from llguidance import LLMatcher
from localswarm.chat import ToolChoice
from localswarm.dialects.family import CallRules, Thought
from localswarm.dialects.grammar.compose import compose
from localswarm.dialects.grammar.lark import json_value

from .vocabulary import Vocabulary

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
FORM = f'call: "<tool_call>\\n{{\\"name\\": \\"f\\", \\"arguments\\": " {json_value(SCHEMA)} "}}\\n</tool_call>"'
RULES = CallRules(FORM, between='"\\n"')
LISTED = CallRules(f'call: "{{\\"f\\": " {json_value(SCHEMA)} "}}"', first='"[CALLS]["', between='", "', last='"]"')
SAYING = CallRules(f'{FORM}\nsay: "final: "')
TRIGGERS = ("<tool_call>",)
THOUGHT = Thought("<think>", "</think>")
# As some models open it: behind a line break, as a call may be.
BROKEN = Thought("\n<think>", "</think>")
CALL = '<tool_call>\n{"name": "f", "arguments": {"a": 3}}\n</tool_call>'
WORDS = "Ça va? 你好 🙂 a << b, x <tool now, <<tool_call, </think and <t\n\n"

AUTO, REQUIRED, NONE = ToolChoice(), ToolChoice("required"), ToolChoice("none")
ONE = ToolChoice("required", parallel=False)


def grammar(
    choice: ToolChoice = AUTO,
    rules: CallRules | None = RULES,
    thought: Thought | None = None,
    thinking: bool = False,
    budget: int | None = None,
    answer: dict[str, object] | None = None,
    triggers: tuple[str, ...] = TRIGGERS,
) -> str:
    composed = compose(rules, choice, thought, thinking, budget, answer, triggers)
    assert composed
    assert LLMatcher.validate_grammar(composed) == ""
    return composed


CASES = [
    (
        grammar(),
        ["", WORDS, CALL, WORDS + CALL, f"{CALL}\n{CALL}", "<" + CALL],
        [CALL[:-1], CALL + "x", "<tool_call>", "<tool_call>x"],
    ),
    (grammar(REQUIRED), [CALL, f"{CALL}\n{CALL}"], ["", WORDS, WORDS + CALL, "\n" + CALL]),
    (grammar(ONE), [CALL], [f"{CALL}\n{CALL}"]),
    (grammar(ToolChoice(parallel=False)), [WORDS, WORDS + CALL], [f"{CALL}\n{CALL}"]),
    (grammar(rules=CallRules(FORM, several=False)), [CALL], [CALL + CALL]),
    (grammar(NONE), ["", WORDS], [CALL, WORDS + CALL, "<tool_call>"]),
    (
        grammar(answer=SCHEMA),
        ['{"a": 3}', '{"a":3}', CALL],
        ["", WORDS, '{"a": 3} ', '{ "a": 3}', '{"a":  3}', '{"a":\n3}'],
    ),
    (grammar(rules=None, answer=SCHEMA), ['{"a": 3}'], [CALL, '{"b": 3}', "{}"]),
    (grammar(NONE, answer=SCHEMA), ['{"a": 3}'], [CALL]),
    (
        grammar(rules=LISTED, triggers=("[CALLS]",)),
        ["a [CALL b", '[CALLS][{"f": {"a": 1}}]', 'x [CALLS][{"f": {"a": 1}}, {"f": {"a": 2}}]'],
        ['[CALLS][{"f": {"a": 1}}', "[CALLS][]"],
    ),
    (grammar(rules=SAYING), ["final: yes", CALL, "final: yes" + CALL], ["yes"]),
    (grammar(rules=SAYING, answer=SCHEMA), ['final: {"a": 1}', CALL], ['{"a": 1}']),
    (
        grammar(thought=BROKEN),
        ["", WORDS, f"\n{WORDS}", f"\n{CALL}", f"{WORDS}\n{CALL}", f"\n<think>so</think>\n{CALL}", f"\n<thin\n{CALL}"],
        ["\n<tool_call>", "\n<tool_call>x", f"{WORDS}\n<tool_call>x", "\n<think>so"],
    ),
    (grammar(REQUIRED, thought=THOUGHT, thinking=True, budget=10**30), [f"{WORDS}</think>{CALL}"], [CALL]),
    (grammar(REQUIRED, thought=BROKEN), [CALL, f"\n<think>so</think>{CALL}"], [WORDS, f"\n{WORDS}"]),
    # Thinking: in what is thought, anything may be written.
    (
        grammar(REQUIRED, thought=THOUGHT, thinking=True),
        [f"{WORDS}{CALL}</think>\n\n{CALL}", f"</think>{CALL}"],
        [CALL, WORDS, f"so</think>{WORDS}", f"so</think>\n\n\n{CALL}"],
    ),
    (
        grammar(REQUIRED, thought=THOUGHT),
        [CALL, f"<think>so</think>\n{CALL}"],
        [WORDS, f"so</think>{CALL}", "<think>so"],
    ),
    (
        grammar(thought=THOUGHT),
        [WORDS, CALL, f"<think>{CALL}</think>{WORDS}", f"<think>so</think>{WORDS}{CALL}", "<thin", "<table>"],
        [f"<think>so</think>{CALL}x"],
    ),
    (grammar(NONE, thought=THOUGHT), [f"<think>{CALL}</think>{WORDS}", WORDS], [f"<think>so</think>{CALL}"]),
    (grammar(rules=None, answer=SCHEMA, thought=THOUGHT, thinking=True), ['so</think>\n\n{"a": 3}'], ['{"a": 3}']),
    (grammar(rules=None, budget=0, thought=THOUGHT, thinking=True), ["</think>yes"], ["so</think>yes"]),
    (grammar(REQUIRED, budget=0, thought=THOUGHT), [CALL], [f"<think></think>{CALL}"]),
]


@pytest.mark.parametrize(("composed", "possible", "impossible"), CASES)
def test_case(vocabulary: Vocabulary, composed: str, possible: Sequence[str], impossible: Sequence[str]) -> None:
    assert [text for text in possible if not vocabulary.accepts(composed, text)] == []
    assert [text for text in impossible if vocabulary.accepts(composed, text)] == []


@pytest.mark.parametrize(
    ("rules", "choice", "thought", "budget"),
    [
        (None, AUTO, None, None),
        (None, AUTO, THOUGHT, None),
        (None, REQUIRED, None, 5),
        (CallRules(""), AUTO, None, None),
    ],
)
def test_nothing_to_enforce(
    rules: CallRules | None, choice: ToolChoice, thought: Thought | None, budget: int | None
) -> None:
    assert compose(rules, choice, thought, False, budget, None, ()) is None


def test_after_a_trigger_only_a_call(vocabulary: Vocabulary) -> None:
    matcher = vocabulary.matcher(grammar())
    matcher.consume_tokens(vocabulary.tokenizer.tokenize_str(f"{WORDS}<tool_call>\n"))
    assert bytes(matcher.compute_ff_bytes()).startswith(b'{"name": "f", "arguments": {"a"')


@pytest.mark.parametrize("budget", [1, 7, 50])
@pytest.mark.parametrize("thinks", ["so it is ", "a < b </ c ", "你好 "])
def test_budget(vocabulary: Vocabulary, budget: int, thinks: str) -> None:
    """Then the closing marker is the only way on, also in the middle of what looked like one."""
    composed = grammar(REQUIRED, budget=budget, thought=THOUGHT, thinking=True)
    tokens = vocabulary.tokenizer.tokenize_str(thinks * budget)
    matcher = vocabulary.matcher(composed)
    thought = matcher.try_consume_tokens(tokens)
    assert budget <= thought <= budget + 1
    matcher = vocabulary.matcher(composed)
    matcher.consume_tokens(tokens[:thought])
    assert b"</think>".endswith(bytes(matcher.compute_ff_bytes()).split(b">")[0] + b">")
    early = f"{thinks}</think>{CALL}"
    assert vocabulary.accepts(grammar(REQUIRED, budget=40, thought=THOUGHT, thinking=True), early)


# Control tokens of the embedded model, in the part of markers.
MARKERS = {"<tool_call>": 5, "</tool_call>": 6, "<think>": 7, "</think>": 8}


def special(name: str) -> int | None:
    return MARKERS.get(name)


def written(vocabulary: Vocabulary, text: str) -> list[int]:
    tokens: list[int] = []
    while text:
        marker = min((m for m in MARKERS if m in text), key=text.index, default=None)
        plain, _, text = text.partition(marker) if marker else (text, "", "")
        tokens += vocabulary.tokenizer.tokenize_str(plain) + ([MARKERS[marker]] if marker else [])
    return tokens


def test_control_tokens(vocabulary: Vocabulary) -> None:
    composed = compose(RULES, AUTO, THOUGHT, False, 20, None, TRIGGERS, special)
    assert composed
    for text in (
        WORDS.replace("</think", ""),
        CALL,
        f"words {CALL}\n{CALL}",
        f"<think>so</think>{CALL}",
        "<think>so</think>words",
    ):
        assert vocabulary.accepts_tokens(composed, written(vocabulary, text)), text
    # Spelled out in letters a marker is no marker, and would be taken for one.
    assert not vocabulary.accepts(composed, CALL)
    assert not vocabulary.accepts_tokens(composed, written(vocabulary, f"<think>{'so ' * 30}"), ended=False)


def test_named_control_tokens_fall_back_to_text(vocabulary: Vocabulary) -> None:
    rules = CallRules('call: <|call|> "x" <file_sep>')
    composed = compose(rules, REQUIRED, None, False, None, None, ("<|call|>",), lambda name: name == "<file_sep>")
    assert composed
    assert vocabulary.accepts_tokens(composed, [*vocabulary.tokenizer.tokenize_str("<|call|>x"), 5])


def test_repetition_ends(vocabulary: Vocabulary) -> None:
    assert vocabulary.accepts(grammar(REQUIRED), "\n".join([CALL] * 32))
    assert not vocabulary.accepts(grammar(REQUIRED), "\n".join([CALL] * 33))


def test_long_text_stays_cheap(vocabulary: Vocabulary) -> None:
    assert vocabulary.accepts(grammar(), WORDS * 400 + CALL)
