import re

import pytest
from localswarm.chat import Message, Text, ToolCall, ToolResult
from localswarm.dialects.families.mistral import CALL_IDS, FAMILIES, FAMILY, LIST, THINKING, Mistral, short_id
from localswarm.dialects.family import Argued, Begun, Plain

from .reading import CALL, PENDING, Case, accepted, call, reads_as_told, rendered, source

ARGUMENTS = '{"city": "Zürich", "days": 2}'
WILD = '{"path": "a\\n}", "text": "{\\"é\\": [1, \\"\\\\\\\\\\"]}", "marks": [{"line": 1, "why": null}]}'
BEGUN = "[TOOL_CALLS]get_weather[ARGS]"
LISTED = f'[TOOL_CALLS][{{"name": "get_weather", "arguments": {ARGUMENTS}, "id": "VvvODy9mT"}}]'
TWO_LISTED = (
    f'[TOOL_CALLS] [{{"name": "get_weather", "arguments": {ARGUMENTS}}}, {{"name": "edit", "arguments": {WILD}}}]'
)
WITH_ID = f"[TOOL_CALLS]get_weather[CALL_ID]123456789[ARGS]{ARGUMENTS}"

CASES: dict[str, Case] = {
    "one call": (FAMILY, BEGUN + ARGUMENTS, call("get_weather", ARGUMENTS)),
    "no argument": (FAMILY, "[TOOL_CALLS]now[ARGS]{}", call("now", "{}")),
    "hard to read": (FAMILY, f"[TOOL_CALLS]edit[ARGS]{WILD}", call("edit", WILD)),
    "two calls": (
        FAMILY,
        f"{BEGUN}{ARGUMENTS}[TOOL_CALLS]edit[ARGS]{WILD}",
        [*call("get_weather", ARGUMENTS), *call("edit", WILD)],
    ),
    "its own marker in a text": (
        FAMILY,
        '[TOOL_CALLS]edit[ARGS]{"path": "a", "text": "[TOOL_CALLS]now[ARGS]{}"}',
        call("edit", '{"path": "a", "text": "[TOOL_CALLS]now[ARGS]{}"}'),
    ),
    "words behind": (FAMILY, "[TOOL_CALLS]now[ARGS]{} Done.", [*call("now", "{}"), Plain(" Done.")]),
    "cut off": (FAMILY, f"{BEGUN}{ARGUMENTS[:12]}", [Begun("get_weather"), Argued(ARGUMENTS[:12])]),
    "cut off in the name": (FAMILY, "[TOOL_CALLS]get_w", [Plain("[TOOL_CALLS]get_w")]),
    "not offered": (FAMILY, "[TOOL_CALLS]rm[ARGS]{}", [Plain("[TOOL_CALLS]rm[ARGS]{}")]),
    "longer name": (FAMILY, "[TOOL_CALLS]nowhere[ARGS]{}", [Plain("[TOOL_CALLS]nowhere[ARGS]{}")]),
    "no object": (FAMILY, "[TOOL_CALLS]now[ARGS][1]", [Begun("now"), Plain("[1]")]),
    "with an id": (CALL_IDS, WITH_ID, call("get_weather", ARGUMENTS)),
    "ids, two calls": (CALL_IDS, WITH_ID * 2, [*call("get_weather", ARGUMENTS), *call("get_weather", ARGUMENTS)]),
    "in a list": (LIST, LISTED, call("get_weather", ARGUMENTS)),
    "two in a list": (LIST, TWO_LISTED, [*call("get_weather", ARGUMENTS), *call("edit", WILD)]),
    "cut off in a list": (LIST, LISTED[:60], [Begun("get_weather"), Argued(LISTED[50:60])]),
}


test_reads = reads_as_told(CASES)


@pytest.mark.parametrize(
    ("family", "text", "right"),
    [
        (FAMILY, BEGUN + ARGUMENTS, True),
        (FAMILY, f"{BEGUN}{ARGUMENTS}[TOOL_CALLS]edit[ARGS]{WILD}", True),
        (FAMILY, "[TOOL_CALLS]now[ARGS]{}", True),
        (FAMILY, "[TOOL_CALLS]rm[ARGS]{}", False),
        (FAMILY, BEGUN + '{"town": "Zürich"}', False),
        (FAMILY, BEGUN + '{"days": 2}', False),
        (FAMILY, BEGUN + ARGUMENTS[:-1], False),
        (CALL_IDS, WITH_ID * 2, True),
        (CALL_IDS, WITH_ID.replace("123456789", "1234"), False),
        (CALL_IDS, BEGUN + ARGUMENTS, False),
        (LIST, LISTED, True),
        (LIST, TWO_LISTED, True),
        (LIST, LISTED.removesuffix("]"), False),
        (LIST, LISTED.replace("VvvODy9mT", "call_1"), False),
    ],
)
def test_the_grammar(family: Mistral, text: str, right: bool) -> None:
    assert accepted(family, text) == right


@pytest.mark.parametrize(
    ("family", "template", "expected"),
    [
        (
            LIST,
            "mistralai-Mistral-Nemo-Instruct-2407",
            f'[TOOL_CALLS][{{"name": "get_weather", "arguments": {ARGUMENTS}, "id": "{short_id(CALL.id)}"}}]</s>'
            f'[TOOL_RESULTS]{{"content": {{"sky": "grey"}}, "call_id": "{short_id(CALL.id)}"}}[/TOOL_RESULTS]Grey.</s>',
        ),
        (
            CALL_IDS,
            "Mistral-Small-3.2-24B-Instruct-2506",
            f"[TOOL_CALLS]get_weather[CALL_ID]{short_id(CALL.id)}[ARGS]{ARGUMENTS}</s>"
            f'[TOOL_RESULTS]{short_id(CALL.id)}[TOOL_CONTENT]{{"sky": "grey"}}[/TOOL_RESULTS]Grey.</s>',
        ),
        (
            FAMILY,
            "unsloth-mistral-Devstral-Small-2507",
            f"[INST]How is the weather?[/INST][TOOL_CALLS]get_weather[ARGS]{ARGUMENTS}</s>"
            '[TOOL_RESULTS]{"sky": "grey"}[/TOOL_RESULTS]Grey.</s>',
        ),
        (
            THINKING,
            "mistralai-Ministral-3-14B-Reasoning-2512",
            f"[THINK]They mean Zürich.[/THINK][TOOL_CALLS]get_weather[ARGS]{ARGUMENTS}</s>"
            '[TOOL_RESULTS]{"sky": "grey"}[/TOOL_RESULTS]Grey.</s>[INST]And tomorrow?[/INST]',
        ),
    ],
    ids=["list", "call ids", "plain", "thinking"],
)
def test_the_prompt(family: Mistral, template: str, expected: str) -> None:
    prompt = rendered(family, template)
    assert expected in prompt
    assert "[AVAILABLE_TOOLS][{" in prompt and "Be brief." in prompt


def test_thinking_and_words_and_a_call() -> None:
    assistant = PENDING[2]
    talking = Message("assistant", (*assistant.parts[:1], Text("Let me see."), *assistant.parts[1:]))
    prompt = rendered(THINKING, "mistralai-Ministral-3-14B-Reasoning-2512", [*PENDING[:2], talking, PENDING[3]])
    assert "[THINK]They mean Zürich.[/THINK]Let me see.[TOOL_CALLS]get_weather" in prompt


def test_ids_are_nine_letters_or_digits() -> None:
    given = ["call_0123456789", "", "toolu_01é", "x" * 9]
    short = [short_id(one) for one in given]
    assert all(re.fullmatch("[A-Za-z0-9]{9}", one) for one in [*short, FAMILY.new_id()])
    assert len(set(short)) == 4 and short[3] == given[3]
    message = Message("assistant", (ToolCall(FAMILY.new_id(), "now", "{}"),))
    answer = Message("tool", (ToolResult(message.calls[0].id, "noon"),))
    turns = LIST.turns([message, answer])
    assert turns[0]["tool_calls"][0]["id"] == turns[1]["tool_call_id"] == message.calls[0].id


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("mistralai-Mistral-Nemo-Instruct-2407", "mistral-list"),
        ("Mistral-Small-3.2-24B-Instruct-2506", "mistral-call-id"),
        ("unsloth-mistral-Devstral-Small-2507", "mistral"),
        ("mistralai-Ministral-3-14B-Reasoning-2512", "mistral-thinking"),
        ("openai-gpt-oss-120b", ""),
    ],
)
def test_fits(template: str, name: str) -> None:
    assert next((family.name for family in FAMILIES if family.fits(source(template))), "") == name
