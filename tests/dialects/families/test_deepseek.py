# ruff: noqa: RUF001 - these bars are wide, and part of the names
import pytest
from localswarm.chat import Message, Text
from localswarm.dialects.families.deepseek import FAMILIES, FAMILY, FENCED, NEWER_TAGS, TAGS
from localswarm.dialects.family import Argued, Begun, Family, Plain

from .reading import PENDING, Case, accepted, call, reads_as_told, rendered, source

ARGUMENTS = '{"city": "Zürich", "days": 2}'
WILD = '{"path": "a\\n}", "text": "```json\\n{\\"é\\": []}\\n```", "marks": [{"line": 1, "why": null}]}'

BEGIN, END = "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"
ONE = f"<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{ARGUMENTS}<｜tool▁call▁end｜>"
OTHER = f"<｜tool▁call▁begin｜>edit<｜tool▁sep｜>{WILD}<｜tool▁call▁end｜>"
FENCED_ONE = f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{ARGUMENTS}\n```<｜tool▁call▁end｜>"
FENCED_OTHER = f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>edit\n```json\n{WILD}\n```<｜tool▁call▁end｜>"

WEATHER_TAGS = (
    '<｜DSML｜invoke name="get_weather">\n'
    '<｜DSML｜parameter name="city" string="true">Zürich</｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>\n"
)
EDIT_TAGS = (
    '<｜DSML｜invoke name="edit">\n'
    '<｜DSML｜parameter name="path" string="true">12</｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="text" string="true"><a>\n"é"\n</a></｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="marks" string="false">[{"line": 1, "why": "x"}]</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>\n"
)
EDITED = '{"path": "12", "text": "<a>\\n\\"é\\"\\n</a>", "marks": [{"line": 1, "why": "x"}]}'


def tagged(*calls: str, block: str = "function_calls") -> str:
    return f"<｜DSML｜{block}>\n{''.join(calls)}</｜DSML｜{block}>"


TORN = tagged(WEATHER_TAGS).partition("ich")[0]

CASES: dict[str, Case] = {
    "one call": (FAMILY, BEGIN + ONE + END, call("get_weather", ARGUMENTS)),
    "two calls": (FAMILY, BEGIN + ONE + OTHER + END, [*call("get_weather", ARGUMENTS), *call("edit", WILD)]),
    "words behind": (FAMILY, f"{BEGIN}{ONE}{END} Done.", [*call("get_weather", ARGUMENTS), Plain(" Done.")]),
    "without its end": (FAMILY, BEGIN + ONE, call("get_weather", ARGUMENTS)),
    "cut off": (FAMILY, (BEGIN + ONE)[:70], [Begun("get_weather"), Argued('{"city":')]),
    "cut off in the name": (FAMILY, (BEGIN + ONE)[:50], [Plain((BEGIN + ONE)[:50])]),
    "not offered": (
        FAMILY,
        f"{BEGIN}<｜tool▁call▁begin｜>rm<｜tool▁sep｜>",
        [Plain(f"{BEGIN}<｜tool▁call▁begin｜>rm<｜tool▁sep｜>")],
    ),
    "fenced": (FENCED, BEGIN + FENCED_ONE + END, call("get_weather", ARGUMENTS)),
    "fenced, without a break": (
        FENCED,
        (BEGIN + FENCED_ONE + END).replace("}\n`", "}`"),
        call("get_weather", ARGUMENTS),
    ),
    "two fenced": (
        FENCED,
        f"{BEGIN}{FENCED_ONE}\n{FENCED_OTHER}{END}",
        [*call("get_weather", ARGUMENTS), *call("edit", WILD)],
    ),
    "tags": (TAGS, tagged(WEATHER_TAGS), call("get_weather", ARGUMENTS)),
    "two in tags": (TAGS, tagged(WEATHER_TAGS, EDIT_TAGS), [*call("get_weather", ARGUMENTS), *call("edit", EDITED)]),
    "no argument in tags": (TAGS, tagged('<｜DSML｜invoke name="now">\n</｜DSML｜invoke>\n'), call("now", "{}")),
    "cut off in tags": (
        TAGS,
        TORN,
        [Begun("get_weather"), Argued('{"city": "Zür')],
    ),
    "newer tags": (NEWER_TAGS, tagged(WEATHER_TAGS, block="tool_calls"), call("get_weather", ARGUMENTS)),
}


test_reads = reads_as_told(CASES)


def test_every_text_begins_as_calls_do() -> None:
    assert all(text.startswith(family.triggers[0]) for family, text, _ in CASES.values())


@pytest.mark.parametrize(
    ("family", "text", "right"),
    [
        (FAMILY, BEGIN + ONE + END, True),
        (FAMILY, BEGIN + ONE + OTHER + END, True),
        (FAMILY, BEGIN + ONE, False),
        (FAMILY, BEGIN + ONE.replace("get_weather", "rm") + END, False),
        (FAMILY, BEGIN + ONE.replace("city", "town") + END, False),
        (FENCED, f"{BEGIN}{FENCED_ONE}\n{FENCED_OTHER}{END}", True),
        (FENCED, BEGIN + ONE + END, False),
        (TAGS, tagged(WEATHER_TAGS, EDIT_TAGS), True),
        (TAGS, tagged('<｜DSML｜invoke name="now">\n</｜DSML｜invoke>\n'), True),
        (TAGS, tagged('<｜DSML｜invoke name="get_weather">\n</｜DSML｜invoke>\n'), False),
        (TAGS, tagged(WEATHER_TAGS.replace(">2<", ">two<")), False),
        (TAGS, tagged(WEATHER_TAGS.replace('"false"', '"true"')), False),
        (NEWER_TAGS, tagged(WEATHER_TAGS, block="tool_calls"), True),
    ],
)
def test_the_grammar(family: Family, text: str, right: bool) -> None:
    assert accepted(family, text) == right


SHOWN = f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{ARGUMENTS}\n```<｜tool▁call▁end｜>{END}"


@pytest.mark.parametrize(
    ("family", "template", "expected"),
    [
        (
            FAMILY,
            "deepseek-ai-DeepSeek-V3.1",
            f'{BEGIN}{ONE}{END}<｜end▁of▁sentence｜><｜tool▁output▁begin｜>{{"sky": "grey"}}',
        ),
        (FENCED, "llama-cpp-deepseek-r1", f"<｜Assistant｜>{BEGIN}{SHOWN}"),
        (FENCED, "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", f"<｜Assistant｜>{BEGIN}{SHOWN}"),
        (TAGS, "deepseek-ai-DeepSeek-V3.2", f"{tagged(WEATHER_TAGS)}<｜end▁of▁sentence｜>\n\n<function_results>"),
        (
            NEWER_TAGS,
            "deepseek-ai-DeepSeek-V4",
            f"{tagged(WEATHER_TAGS, block='tool_calls')}<｜end▁of▁sentence｜><｜User｜><tool_result>",
        ),
    ],
)
def test_the_prompt(family: Family, template: str, expected: str) -> None:
    prompt = rendered(family, template, PENDING, ())
    assert expected in prompt
    assert "Be brief." in prompt and '{"sky": "grey"}' in prompt


@pytest.mark.parametrize("template", ["llama-cpp-deepseek-r1", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B"])
def test_words_before_a_call_stay_before_it(template: str) -> None:
    talking = Message("assistant", (Text("Let me see."), *PENDING[2].calls))
    prompt = rendered(FENCED, template, [*PENDING[:2], talking, PENDING[3]], ())
    assert prompt.index("How is") < prompt.index("Let me see.") < prompt.index(SHOWN)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("llama-cpp-deepseek-r1", "deepseek-r1"),
        ("deepseek-ai-DeepSeek-V3.2", "deepseek-dsml"),
        ("deepseek-ai-DeepSeek-V4", "deepseek-dsml-4"),
        # They know how to write calls, and never say what may be called.
        ("deepseek-ai-DeepSeek-V3.1", ""),
        ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", ""),
        ("Qwen3-Coder", ""),
    ],
)
def test_fits(template: str, name: str) -> None:
    assert next((family.name for family in FAMILIES if family.fits(source(template))), "") == name
