"""What a request becomes before an engine sees it."""

import importlib.util
from itertools import product
from pathlib import Path

import pytest
from llguidance import LLMatcher
from localswarm.chat import (
    ChatRequest,
    Image,
    Message,
    Reasoning,
    ResponseFormat,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    ToolSpec,
)
from localswarm.dialects.choose import choose
from localswarm.dialects.dialect import FamilyDialect
from localswarm.dialects.families import FAMILIES
from localswarm.dialects.family import Family
from localswarm.errors import BadRequest, NotSupported

from .families.reading import BARE, RICH, Vocabulary
from .speaking import BARE_CHATML, LESSON, LLAMA, PLAIN, READ, TOOLS, asks, dialect, scanned, source

INSTRUCTIONS = Path(__file__).parents[2] / "config" / "prompts" / "tool_instructions.txt"
SYSTEM = Message("system", (Text("Be brief."),))
USER = Message("user", (Text("What is in a.py?"),))
CALL = ToolCall("call_1", "read_file", '{"path": "a.py"}')
WITH_CALL = (SYSTEM, USER, Message("assistant", (CALL,)), Message("tool", (ToolResult("call_1", "x = 1"),)))
QWEN = dialect(source("Qwen-Qwen2.5-7B-Instruct"))
QWEN3 = dialect(source("Qwen-Qwen3-0.6B"))
TAUGHT = dialect(BARE_CHATML)
# DeepSeek R1's way: the prompt opens the thought.
OPENED = dialect("{% for m in messages %}{{ m.content }}\n{% endfor %}{{ '<think>\\n' }}")


def test_the_models_own_template_shows_the_tools() -> None:
    prompt = QWEN.plan(asks(SYSTEM, USER)).prompt
    assert '{"type": "function", "function": {"name": "read_file"' in prompt
    assert prompt.endswith("<|im_start|>user\nWhat is in a.py?<|im_end|>\n<|im_start|>assistant\n")


def test_a_call_goes_into_the_prompt_as_the_model_wrote_it() -> None:
    prompt = QWEN.plan(asks(*WITH_CALL)).prompt
    assert '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call><|im_end|>' in prompt
    assert "<tool_response>\nx = 1\n</tool_response>" in prompt


def test_a_model_without_a_tool_template_is_taught() -> None:
    prompt = TAUGHT.plan(asks(*WITH_CALL)).prompt
    assert prompt == (
        f"<|im_start|>system\nBe brief.\n\n{LESSON}\n\n"
        "read_file: Reads a file.\n  path (string)\nls: Lists files.<|im_end|>\n"
        "<|im_start|>user\nWhat is in a.py?<|im_end|>\n"
        '<|im_start|>assistant\nTOOL: read_file\nARGUMENTS: {"path": "a.py"}<|im_end|>\n'
        "<|im_start|>user\nRESULT of read_file:\nx = 1<|im_end|>\n<|im_start|>assistant\n"
    )


def test_an_edited_lesson_counts_at_once() -> None:
    lesson = ["one"]
    speaker = choose(BARE_CHATML, "", "", PLAIN, lambda: lesson[0])
    assert "one\n\nread_file" in speaker.plan(asks()).prompt
    lesson[0] = "two"
    assert "two\n\nread_file" in speaker.plan(asks()).prompt


def test_the_lesson_is_short() -> None:
    if not (litellm := importlib.util.find_spec("litellm")) or not litellm.origin:
        pytest.skip("tiktoken's vocabulary comes with litellm here")
    tiktoken = pytest.importorskip("tiktoken")
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers"
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        tokens = tiktoken.get_encoding("cl100k_base").encode(INSTRUCTIONS.read_text())
    assert len(tokens) < 100


def test_every_turn_begins_with_the_turn_before() -> None:
    for speaker in (QWEN, TAUGHT, dialect(LLAMA)):
        first, second = (speaker.plan(asks(*messages)).prompt for messages in (WITH_CALL[:2], WITH_CALL))
        assert second.startswith(first)


@pytest.mark.parametrize(
    ("speaker", "answer"),
    [
        (QWEN, 'I look.\n<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>'),
        (TAUGHT, 'I look.\nTOOL: read_file\nARGUMENTS: {"path": "a.py"}'),
        (dialect(LLAMA), '{"name": "read_file", "parameters": {"path": "a.py"}}'),
    ],
)
def test_what_the_model_wrote_stands_in_the_next_prompt_as_it_wrote_it(speaker: FamilyDialect, answer: str) -> None:
    """Or else it would have to be read again."""
    first = speaker.plan(asks(SYSTEM, USER))
    said = scanned(speaker, asks(SYSTEM, USER), [answer], first)
    (name, arguments), *_ = said.calls
    parts = ((Text(said.text),) if said.text else ()) + (ToolCall("call_1", name, arguments),)
    result = Message("tool", (ToolResult("call_1", "x = 1"),))
    second = speaker.plan(asks(SYSTEM, USER, Message("assistant", parts), result))
    assert second.prompt.startswith(first.prompt + answer)


@pytest.mark.parametrize("speaker", [QWEN, TAUGHT])
def test_who_may_be_called_does_not_change_the_prompt(speaker: FamilyDialect) -> None:
    choices = [ToolChoice(), ToolChoice("required"), ToolChoice("required", ("ls",)), ToolChoice("none")]
    plans = [speaker.plan(asks(tool_choice=choice)) for choice in choices]
    assert len({plan.prompt for plan in (plans if speaker.native else plans[:3])}) == 1
    assert len({plan.grammar for plan in plans}) == 4
    assert "read_file" not in (plans[2].grammar or "")


@pytest.mark.parametrize("request_", [asks(*WITH_CALL, tool_choice=ToolChoice("none")), asks(*WITH_CALL, tools=())])
def test_a_taught_model_that_is_to_talk_sees_nothing_of_calls_but_their_results(request_: ChatRequest) -> None:
    assert TAUGHT.plan(request_).prompt == (
        "<|im_start|>system\nBe brief.<|im_end|>\n"
        "<|im_start|>user\nWhat is in a.py?<|im_end|>\n"
        "<|im_start|>user\nRESULT of read_file:\nx = 1<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("text", ["TOOL: ls", "ARGUMENTS: {}", "Fine.\nTOOL\nARGUMENTS: {}"])
def test_a_taught_model_that_is_to_talk_can_write_no_part_of_a_call(text: str) -> None:
    plan = TAUGHT.plan(asks(tool_choice=ToolChoice("none")))
    matcher = LLMatcher(BARE.tokenizer, plan.grammar or "", log_level=0)
    tokens = BARE.tokens_of(text)
    assert matcher.try_consume_tokens(tokens) < len(tokens)


def test_the_head_is_what_all_conversations_share() -> None:
    one, other = (QWEN.plan(asks(SYSTEM, Message("user", (Text(text),)))) for text in ("Who?", "# Tools"))
    assert one.head == other.head and one.prompt[: one.head].endswith("<|im_start|>user\n")
    assert QWEN.plan(asks(tools=())).head == 0
    begun = asks(SYSTEM, Message("user", (Text("Who?"),)), Message("assistant", (Text("I"),)), continue_last=True)
    assert QWEN.plan(begun).head == one.head


def test_without_tools_and_format_nothing_is_enforced() -> None:
    assert all(speaker.plan(asks(tools=())).grammar is None for speaker in (QWEN, QWEN3, TAUGHT))


def test_a_format_is_enforced() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    plan = QWEN.plan(asks(tools=(), response_format=ResponseFormat(schema)))
    assert plan.grammar and "integer" in plan.grammar


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("vocabulary", [BARE, RICH], ids=["bare", "rich"])
def test_every_family_has_a_grammar_for_every_wish(family: Family, vocabulary: Vocabulary) -> None:
    template = f"{family.name}<think>{family.thought.opening if family.thought else ''}"
    speaker = choose(template, "", "", PLAIN, lambda: LESSON, family.name, vocabulary.special)
    choices = [ToolChoice(), ToolChoice("none"), ToolChoice("required"), ToolChoice("auto", ("ls",), parallel=False)]
    formats = [None, ResponseFormat({"type": "object", "properties": {"a": {"type": "integer"}}})]
    thoughts = [Reasoning(), Reasoning("none"), Reasoning(budget=20)]
    for choice, form, reasoning, tools in product(choices, formats, thoughts, [TOOLS, ()]):
        if not tools:
            choice = ToolChoice()
        plan = speaker.plan(asks(tools=tools, tool_choice=choice, response_format=form, reasoning=reasoning))
        if plan.grammar:
            matcher = LLMatcher(vocabulary.tokenizer, plan.grammar, log_level=0)
            assert not matcher.is_error(), f"{matcher.get_error()}\n{plan.grammar}"


def test_what_a_schema_cannot_hold_is_a_warning() -> None:
    odd = ToolSpec("odd", "", {"type": "object", "properties": {"a": {"not": {"type": "string"}}}})
    assert TAUGHT.plan(asks(tools=(odd,))).warnings


@pytest.mark.parametrize(
    ("speaker", "reasoning", "end", "thinking"),
    [
        (QWEN3, Reasoning(), "assistant\n", False),
        (QWEN3, Reasoning("none"), "<think>\n\n</think>\n\n", False),
        (QWEN3, Reasoning(budget=0), "<think>\n\n</think>\n\n", False),
        (QWEN3, Reasoning("high"), "assistant\n", False),
        (OPENED, Reasoning(), "<think>\n", True),
        (OPENED, Reasoning("none"), "<think>\n\n</think>\n\n", False),
        (QWEN, Reasoning("none"), "assistant\n", False),
    ],
)
def test_thinking_is_switched(speaker: FamilyDialect, reasoning: Reasoning, end: str, thinking: bool) -> None:
    plan = speaker.plan(asks(tools=(), reasoning=reasoning))
    assert plan.prompt.endswith(end) and plan.thinking == thinking


def test_an_answer_is_written_on() -> None:
    begun = Message("assistant", (Text("The file"),))
    plan = QWEN.plan(asks(USER, begun, continue_last=True))
    assert plan.prompt.endswith("<|im_start|>assistant\nThe file")
    plan = OPENED.plan(asks(USER, begun, continue_last=True, tools=()))
    assert plan.prompt.endswith("<think>\n\n</think>\n\nThe file") and not plan.thinking
    thought = Message("assistant", (Thinking("Hm."), Text("The")))
    assert QWEN3.plan(asks(USER, thought, continue_last=True)).prompt.endswith("<think>\nHm.\n</think>\n\nThe")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asks(Message("user", (Image("data:image/png;base64,AA=="),))), "reads text only"),
        (asks(tool_choice=ToolChoice("required", ("hammer",))), "'hammer' was chosen but not offered"),
        (asks(tools=(), tool_choice=ToolChoice("required")), "no tools were offered"),
        (asks(USER, Message("assistant", (CALL,)), continue_last=True), "cannot be continued"),
    ],
)
def test_what_cannot_be_done_is_a_bad_request(request_: ChatRequest, words: str) -> None:
    with pytest.raises((BadRequest, NotSupported), match=words):
        QWEN.plan(request_)


def test_the_cleaned_schemas_are_never_changed_by_a_template() -> None:
    spoiling = "{% for t in tools %}{% set _ = t.function.parameters.required.append('x') %}{% endfor %}{{ tools }}"
    speaker = dialect(spoiling + '<tool_call>\n{"name": ')
    first, second = (speaker.plan(asks(tools=(READ,))).prompt for _ in range(2))
    assert first == second
    assert TOOLS[0].schema["required"] == ["path"]
