# ruff: noqa: RUF001 - some of the bars are wide, and part of the names
"""Thinking, words and calls in one answer: the grammar of the request takes it, and the scanner takes it apart."""

from dataclasses import replace

import pytest
from llguidance import LLMatcher
from localswarm.chat import ChatRequest, TextDelta, TextForm, ThinkingDelta, ToolChoice
from localswarm.dialects.dialect import FamilyDialect
from localswarm.dialects.families import deepseek, gemma, glm, gpt_oss, mistral, qwen3_coder
from localswarm.dialects.family import Family
from localswarm.dialects.template import ChatTemplate

from .reading import BARE, PENDING, TOOLS, source

CITY = '{"city": "Zürich"}'
TAGS = (
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n'
    '<｜DSML｜parameter name="city" string="true">Zürich</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>\n</｜DSML｜function_calls>"
)
HARMONY = f"<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{CITY}"

# Thinking, words, arguments; empty where there are none.
Told = tuple[str, str, str]
ANSWERS: dict[str, tuple[Family, str, str, Told]] = {
    "Qwen3-Coder": (
        qwen3_coder.FAMILY,
        "Qwen3-Coder",
        "I look.\n\n<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n</function>\n"
        "</tool_call>",
        ("", "I look.", CITY),
    ),
    "Qwen3-Coder, words": (
        qwen3_coder.FAMILY,
        "Qwen3-Coder",
        "A <tool_call is no\ntag.",
        ("", "A <tool_call is no\ntag.", ""),
    ),
    "Nemo": (
        mistral.LIST,
        "mistralai-Mistral-Nemo-Instruct-2407",
        f'I look.[TOOL_CALLS][{{"name": "get_weather", "arguments": {CITY}}}]',
        ("", "I look.", CITY),
    ),
    "Devstral": (
        mistral.FAMILY,
        "unsloth-mistral-Devstral-Small-2507",
        f"I look.[TOOL_CALLS]get_weather[ARGS]{CITY}",
        ("", "I look.", CITY),
    ),
    "Ministral": (
        mistral.THINKING,
        "mistralai-Ministral-3-14B-Reasoning-2512",
        f"[THINK]Hm.[/THINK]I look.[TOOL_CALLS]get_weather[ARGS]{CITY}",
        ("Hm.", "I look.", CITY),
    ),
    "gpt-oss": (
        gpt_oss.FAMILY,
        "openai-gpt-oss-120b",
        f"<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant{HARMONY}",
        ("Hm.", "", CITY),
    ),
    "gpt-oss, words": (
        gpt_oss.FAMILY,
        "openai-gpt-oss-120b",
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Grey.",
        ("Hm.", "Grey.", ""),
    ),
    "gpt-oss, words and a call": (
        gpt_oss.FAMILY,
        "openai-gpt-oss-120b",
        f"<|channel|>final<|message|>I look.<|end|><|start|>assistant{HARMONY}",
        ("", "I look.", CITY),
    ),
    "DeepSeek": (deepseek.TAGS, "deepseek-ai-DeepSeek-V3.2", f"I look.\n\n{TAGS}", ("", "I look.", CITY)),
    "GLM": (
        glm.FAMILY,
        "GLM-4.6",
        "\n<think>Hm.</think>\nI look.\n"
        "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Zürich</arg_value>\n</tool_call>",
        ("Hm.", "I look.", CITY),
    ),
    "Gemma": (
        gemma.FAMILY,
        "google-gemma-4-31B-it",
        '<|channel>thought\nHm.<channel|>I look.<|tool_call>call:get_weather{city:<|"|>Zürich<|"|>}<tool_call|>',
        ("Hm.", "I look.", CITY.replace(" ", "")),
    ),
}


@pytest.mark.parametrize(("family", "template", "answer", "told"), ANSWERS.values(), ids=ANSWERS)
def test_is_taken_apart(family: Family, template: str, answer: str, told: Told) -> None:
    dialect = FamilyDialect(family, ChatTemplate(source(template), "", "<s>", "</s>"), None)
    request = ChatRequest("1", "model", PENDING[:2], TOOLS)
    plan = dialect.plan(request)
    assert plan.grammar and _takes(plan.grammar, answer)
    scanner = dialect.scanner(request, plan, 0)
    deltas = [delta for character in answer for delta in scanner.feed(character)] + scanner.finish()
    thinking = "".join(delta.text for delta in deltas if isinstance(delta, ThinkingDelta))
    words = "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))
    calls = [delta for delta in deltas if not isinstance(delta, ThinkingDelta | TextDelta)]
    assert (thinking, words, "".join(call.arguments for call in calls)) == told
    assert [call.name for call in calls if call.name] == ["get_weather"][: scanner.calls]


@pytest.mark.parametrize(("family", "template", "answer", "told"), ANSWERS.values(), ids=ANSWERS)
def test_words_alone_are_refused_where_a_call_is_required(
    family: Family, template: str, answer: str, told: Told
) -> None:
    dialect = FamilyDialect(family, ChatTemplate(source(template), "", "<s>", "</s>"), None)
    plan = dialect.plan(ChatRequest("1", "model", PENDING[:2], TOOLS, ToolChoice("required")))
    assert plan.grammar and _takes(plan.grammar, _call_in(answer, told)) == bool(told[2])


def _call_in(answer: str, told: Told) -> str:
    return answer.partition(told[1])[2].strip() if told[1] and told[2] else answer


@pytest.mark.parametrize(("wanted", "taken"), [("Z.*h", True), ("Z.*", True), ("Basel", False)])
@pytest.mark.parametrize(("family", "template", "answer", "told"), ANSWERS.values(), ids=ANSWERS)
def test_a_text_is_held_to_the_form_that_the_client_gave(
    family: Family, template: str, answer: str, told: Told, wanted: str, taken: bool
) -> None:
    tools = tuple(replace(tool, form=TextForm("regex", wanted)) for tool in TOOLS if tool.name == "get_weather")
    dialect = FamilyDialect(family, ChatTemplate(source(template), "", "<s>", "</s>"), None)
    plan = dialect.plan(ChatRequest("1", "model", PENDING[:2], tools, ToolChoice("required")))
    assert wanted not in plan.prompt and plan.grammar
    assert _takes(plan.grammar, _call_in(answer, told)) is (taken and bool(told[2]))


def _takes(grammar: str, text: str) -> bool:
    matcher = LLMatcher(BARE.tokenizer, grammar, log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    tokens = BARE.tokens_of(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()
