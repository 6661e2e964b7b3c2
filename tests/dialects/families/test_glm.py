import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.dialects.families.glm import COMPACT, FAMILIES, FAMILY, Glm
from localswarm.dialects.family import Argued, Begun, CallPart, Plain

from .reading import ANY_CUT, CONVERSATION, CUTS, PENDING, accepted, call, read, rendered, source

ONE = (
    "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Zürich</arg_value>\n"
    "<arg_key>days</arg_key>\n<arg_value>2</arg_value>\n</tool_call>"
)
OTHER = (
    "<tool_call>edit\n<arg_key>path</arg_key>\n<arg_value>12</arg_value>\n"
    '<arg_key>text</arg_key>\n<arg_value><a>\n"é"\n</a>\n</arg_value>\n<arg_key>all</arg_key>\n'
    "<arg_value>false</arg_value>\n"
    '<arg_key>marks</arg_key>\n<arg_value>[{"line": 1, "why": "x"}]</arg_value>\n</tool_call>'
)
EMPTY = "<tool_call>now\n</tool_call>"
WEATHER = call("get_weather", '{"city": "Zürich", "days": 2}')
EDITED = call(
    "edit", '{"path": "12", "text": "<a>\\n\\"é\\"\\n</a>\\n", "all": false, "marks": [{"line": 1, "why": "x"}]}'
)


def compact(text: str) -> str:
    return text.replace(">\n<", "><").replace("er\n<", "er<").replace("now\n", "now").replace("edit\n", "edit")


CASES: dict[str, tuple[str, list[CallPart]]] = {
    "one call": (ONE, WEATHER),
    "one call, compact": (compact(ONE), WEATHER),
    "two calls": (f"{ONE}\n{OTHER}", [*WEATHER, *EDITED]),
    "two calls, compact": (compact(ONE) + compact(EMPTY), [*WEATHER, *call("now", "{}")]),
    "no argument": (EMPTY, call("now", "{}")),
    "no argument, compact": ("<tool_call>now</tool_call>", call("now", "{}")),
    "words behind": (f"{EMPTY}\nDone.", [*call("now", "{}"), Plain("\nDone.")]),
    "cut off": (ONE[: ONE.index("ich")], [Begun("get_weather"), Argued('{"city": "Zür')]),
    "cut off in a number": (ONE[: ONE.index("2") + 1], [Begun("get_weather"), Argued('{"city": "Zürich", "days": ')]),
    "cut off in the name": ("<tool_call>get_we", [Plain("<tool_call>get_we")]),
    "not offered": ("<tool_call>rm\n", [Plain("<tool_call>rm\n")]),
    "longer name": ("<tool_call>nowhere\n", [Plain("<tool_call>nowhere\n")]),
    "JSON instead": ('<tool_call>\n{"name": "now"}', [Plain('<tool_call>\n{"name": "now"}')]),
}


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES)
def test_reads(text: str, parts: list[CallPart]) -> None:
    assert read(FAMILY, text) == read(COMPACT, text) == parts


@ANY_CUT
@given(text=st.sampled_from([text for text, _ in CASES.values()]), cuts=CUTS)
def test_any_cut_reads_the_same(text: str, cuts: list[int]) -> None:
    assert read(FAMILY, text, cuts) == read(FAMILY, text) == read(FAMILY, text, range(len(text)))


@pytest.mark.parametrize(
    ("family", "text", "right"),
    [
        (FAMILY, ONE, True),
        (FAMILY, f"{ONE}\n{OTHER}", True),
        (FAMILY, EMPTY, True),
        (FAMILY, compact(ONE), False),
        (FAMILY, ONE.replace("get_weather", "rm"), False),
        (FAMILY, ONE.replace(">2<", ">two<"), False),
        (FAMILY, ONE.replace("city", "town"), False),
        (FAMILY, EMPTY.replace("now", "edit"), False),
        (COMPACT, compact(ONE) + compact(EMPTY), True),
        (COMPACT, ONE, False),
    ],
)
def test_the_grammar(family: Glm, text: str, right: bool) -> None:
    assert accepted(family, text) == right


@pytest.mark.parametrize(("family", "template"), [(FAMILY, "GLM-4.6"), (COMPACT, "GLM-4.7-Flash")])
def test_the_prompt(family: Glm, template: str) -> None:
    prompt = rendered(family, template)
    gap = family.gap
    assert '"name": "get_weather"' in prompt and f"<|system|>{gap}Be brief." in prompt
    assert f"{ONE if gap else compact(ONE)}<|observation|>{gap}<tool_response>{gap}{{" in prompt
    assert f"<|user|>{gap}And tomorrow?" in prompt


@pytest.mark.parametrize(("family", "template"), [(FAMILY, "GLM-4.6"), (COMPACT, "GLM-4.7-Flash")])
def test_thoughts_of_this_round_are_kept(family: Glm, template: str) -> None:
    assert "<think>They mean Zürich.</think>" in rendered(family, template, PENDING)
    assert "They mean" not in rendered(family, template, CONVERSATION)


@pytest.mark.parametrize(("template", "name"), [("GLM-4.6", "glm"), ("GLM-4.7-Flash", "glm-4.7"), ("Qwen3-Coder", "")])
def test_fits(template: str, name: str) -> None:
    assert next((family.name for family in FAMILIES if family.fits(source(template))), "") == name
