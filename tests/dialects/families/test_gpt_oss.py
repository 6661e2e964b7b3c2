import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.chat import Message, Text, Thinking, ToolCall, ToolResult
from localswarm.dialects.families.gpt_oss import FAMILY
from localswarm.dialects.family import Argued, Begun, CallPart, Plain

from .reading import ANY_CUT, CONVERSATION, CUTS, PENDING, TOOLS, accepted, call, read, rendered, source

ARGUMENTS = '{"city": "Zürich", "days": 2}'
WILD = '{"path": "a\\n}", "text": "if (part < count - 1) {", "marks": [{"line": 1, "why": null}]}'
HEADER = "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>"
EDIT = "<|start|>assistant<|channel|>commentary to=functions.edit <|constrain|>json<|message|>"
FINAL = "<|channel|>final<|message|>"

CASES: dict[str, tuple[str, list[CallPart]]] = {
    "one call": (f"{HEADER}{ARGUMENTS}<|call|>", call("get_weather", ARGUMENTS)),
    "its end is not written": (HEADER + ARGUMENTS, call("get_weather", ARGUMENTS)),
    "behind a thought": (f"<|start|>assistant{HEADER}{ARGUMENTS}", call("get_weather", ARGUMENTS)),
    "behind words": (f"<|end|>{EDIT}{WILD}<|call|>", call("edit", WILD)),
    "recipient first": (
        f" to=functions.get_weather<|channel|>commentary json<|message|>{ARGUMENTS}",
        call("get_weather", ARGUMENTS),
    ),
    "recipient first, constrained": (
        f" to=functions.get_weather<|channel|>analysis <|constrain|>json<|message|>{ARGUMENTS}",
        call("get_weather", ARGUMENTS),
    ),
    "in the analysis": (
        f"<|channel|>analysis to=functions.get_weather<|message|>{ARGUMENTS}",
        call("get_weather", ARGUMENTS),
    ),
    "two calls": (
        f"{HEADER}{ARGUMENTS}<|call|>{EDIT}{WILD}",
        [*call("get_weather", ARGUMENTS), *call("edit", WILD)],
    ),
    "words": (f"{FINAL}Grey, and cold.", [Plain("Grey, and cold.")]),
    "words behind a thought": (f"<|start|>assistant{FINAL}Grey.", [Plain("Grey.")]),
    "words in JSON": ("<|channel|>final <|constrain|>json<|message|>{}", [Plain("{}")]),
    "a preamble": ("<|channel|>commentary<|message|>I look.", [Plain("I look.")]),
    "the end": ("<|end|>", []),
    "the very end": ("<|return|>", []),
    "another header before it": (f"<|channel|>commentary to=assistant{FINAL}Grey.", [Plain("Grey.")]),
    "a tool of its own": ("<|channel|>commentary to=python <|constrain|>code<|message|>print(1)", [Plain("print(1)")]),
    "another thought": (
        "<|end|><|start|>assistant<|channel|>analysis<|message|>Hm.",
        [Plain("<|channel|>analysis<|message|>Hm.")],
    ),
    "cut off": (HEADER + ARGUMENTS[:9], [Begun("get_weather"), Argued(ARGUMENTS[:9])]),
    "cut off in the header": (HEADER[:50], [Plain(HEADER[:50])]),
    "not offered": (
        "<|channel|>commentary to=functions.rm<|message|>{}",
        [Plain("<|channel|>commentary to=functions.rm<|message|>{}")],
    ),
    "no header": (
        " to=functions.get_weather is how one writes it",
        [Plain(" to=functions.get_weather is how one writes it")],
    ),
}


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES)
def test_reads(text: str, parts: list[CallPart]) -> None:
    assert any(text.startswith(trigger) for trigger in FAMILY.triggers)
    assert read(FAMILY, text) == parts


@ANY_CUT
@given(text=st.sampled_from([text for text, _ in CASES.values()]), cuts=CUTS)
def test_any_cut_reads_the_same(text: str, cuts: list[int]) -> None:
    assert read(FAMILY, text, cuts) == read(FAMILY, text) == read(FAMILY, text, range(len(text)))


def test_a_header_is_no_news_without_tools() -> None:
    assert read(FAMILY, f"{FINAL}Grey.", tools=()) == [Plain("Grey.")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (HEADER + ARGUMENTS, True),
        (f"<|start|>assistant{HEADER}{ARGUMENTS}", True),
        (f"<|end|>{EDIT}{WILD}", True),
        (HEADER.replace("get_weather", "rm") + "{}", False),
        (HEADER + '{"days": 2}', False),
        (HEADER + ARGUMENTS[:-1], False),
        (f"{HEADER}{ARGUMENTS}{EDIT}{WILD}", False),
    ],
)
def test_the_grammar(text: str, right: bool) -> None:
    assert accepted(FAMILY, text) == right


def test_the_grammar_says_what_comes_before_words() -> None:
    assert '"<|channel|>" "final" "<|message|>"' in FAMILY.call_rules(TOOLS).rules


def test_the_prompt() -> None:
    prompt = rendered(FAMILY, "openai-gpt-oss-120b", PENDING)
    assert "<|start|>developer<|message|># Instructions\n\nBe brief.\n\n# Tools\n\n## functions" in prompt
    assert prompt.endswith(
        "<|start|>user<|message|>How is the weather?<|end|>"
        "<|start|>assistant<|channel|>analysis<|message|>They mean Zürich.<|end|>"
        f"<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{ARGUMENTS}<|call|>"
        '<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>"{\\"sky\\": \\"grey\\"}"<|end|>'
        "<|start|>assistant"
    )


def test_old_thoughts_are_forgotten() -> None:
    prompt = rendered(FAMILY, "openai-gpt-oss-120b", CONVERSATION)
    assert "They mean" not in prompt
    assert "<|start|>assistant<|channel|>final<|message|>Grey.<|end|><|start|>user<|message|>And tomorrow?" in prompt


def test_calls_stand_one_by_one_with_their_results() -> None:
    calls = (ToolCall("a", "get_weather", '{"city": "A"}'), ToolCall("b", "get_weather", '{"city": "B"}'))
    asked = Message("assistant", (Thinking("Both."), Text("I look."), *calls))
    told = Message("tool", (ToolResult("b", "grey"), ToolResult("a", "blue")))
    prompt = rendered(FAMILY, "openai-gpt-oss-120b", [*CONVERSATION[:2], asked, told])
    order = ["Both.\n\nI look.<|end|>", '{"city": "A"}<|call|>', '"blue"', '{"city": "B"}<|call|>', '"grey"']
    assert [prompt.index(one) for one in order] == sorted(prompt.index(one) for one in order)
    assert prompt.count("I look.") == 1


@pytest.mark.parametrize(("template", "fits"), [("openai-gpt-oss-120b", True), ("Qwen3-Coder", False)])
def test_fits(template: str, fits: bool) -> None:
    assert FAMILY.fits(source(template)) == fits
