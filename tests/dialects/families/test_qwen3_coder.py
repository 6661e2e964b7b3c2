import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.chat import Message, ToolCall, ToolSpec
from localswarm.dialects.families.qwen3_coder import FAMILIES, FAMILY, THINKING
from localswarm.dialects.family import Argued, Begun, CallPart, Plain

from .reading import ANY_CUT, CONVERSATION, CUTS, accepted, call, read, rendered, source

ONE = "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n</function>\n</tool_call>"
ALL = (
    "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
    "<parameter=unit>\ncelsius\n</parameter>\n</function>\n</tool_call>"
)
CODE = (
    "<tool_call>\n<function=edit>\n<parameter=path>\nsrc/a.py\n</parameter>\n<parameter=text>\n"
    'def hello():\n    print("<b>格</b>")\n\nhello()\n</parameter>\n<parameter=all>\ntrue\n</parameter>\n'
    '<parameter=marks>\n[{"line": 1, "why": null}, {"line": 2, "why": "a \\"b\\""}]\n</parameter>\n'
    "</function>\n</tool_call>"
)
EMPTY = "<tool_call>\n<function=now>\n</function>\n</tool_call>"

CASES: dict[str, tuple[str, list[CallPart]]] = {
    "one call": (ONE, call("get_weather", '{"city": "Zürich"}')),
    "every argument": (ALL, call("get_weather", '{"city": "Paris", "days": 3, "unit": "celsius"}')),
    "no argument": (EMPTY, call("now", "{}")),
    "code and JSON": (
        CODE,
        call(
            "edit",
            '{"path": "src/a.py", "text": "def hello():\\n    print(\\"<b>格</b>\\")\\n\\nhello()", "all": true, '
            '"marks": [{"line": 1, "why": null}, {"line": 2, "why": "a \\"b\\""}]}',
        ),
    ),
    "two calls": (f"{ONE}\n{EMPTY}", [*call("get_weather", '{"city": "Zürich"}'), *call("now", "{}")]),
    "without its first line": (ONE.removeprefix("<tool_call>\n"), call("get_weather", '{"city": "Zürich"}')),
    "without its last line": (ONE.removesuffix("\n</tool_call>"), call("get_weather", '{"city": "Zürich"}')),
    "in one line": (
        "<tool_call><function=edit><parameter=path>a</parameter><parameter=all>True</parameter></function></tool_call>",
        call("edit", '{"path": "a", "all": true}'),
    ),
    "not of its type": (
        "<tool_call>\n<function=get_weather>\n<parameter=days>\nthree\n</parameter>\n</function>\n</tool_call>",
        call("get_weather", '{"days": "three"}'),
    ),
    "words behind": (f"{EMPTY}\n\nDone.", [*call("now", "{}"), Plain("\n\nDone.")]),
    "cut off in a text": (ONE[:55], [Begun("get_weather"), Argued('{"city": "Zür')]),
    "cut off in a number": (ALL[: ALL.index("3") + 1], [Begun("get_weather"), Argued('{"city": "Paris", "days": ')]),
    "cut off before the name": ("<tool_call>\n<func", [Plain("<tool_call>\n<func")]),
    "not offered": ("<tool_call>\n<function=rm>\n", [Plain("<tool_call>\n<function=rm>\n")]),
    "only the marker": ("<tool_call> is a tag.", [Plain("<tool_call> is a tag.")]),
    "like the marker": ("<function=s> is a tag.", [Plain("<function=s> is a tag.")]),
    "broken in the middle": (
        "<tool_call>\n<function=now>\noops</function>",
        [Begun("now"), Plain("\noops</function>")],
    ),
}


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES)
def test_reads(text: str, parts: list[CallPart]) -> None:
    assert read(FAMILY, text) == parts


@ANY_CUT
@given(text=st.sampled_from([text for text, _ in CASES.values()]), cuts=CUTS)
def test_any_cut_reads_the_same(text: str, cuts: list[int]) -> None:
    assert read(FAMILY, text, cuts) == read(FAMILY, text) == read(FAMILY, text, range(len(text)))


@pytest.mark.parametrize("text", [ONE, ALL, CODE, EMPTY, f"{ONE}\n{CODE}"])
def test_the_grammar_takes_what_models_write(text: str) -> None:
    assert accepted(FAMILY, text)


@pytest.mark.parametrize(
    "text",
    [
        EMPTY.replace("now", "rm"),
        ONE.replace("city", "town"),
        ONE.removesuffix("</tool_call>"),
        ALL.replace("3", "three"),
        ALL.replace("celsius", "kelvin"),
        EMPTY.replace("now", "get_weather"),
    ],
    ids=["name", "argument", "end", "type", "enum", "required"],
)
def test_the_grammar_refuses_what_is_wrong(text: str) -> None:
    assert not accepted(FAMILY, text)


UNION = ToolSpec(
    "set",
    schema={
        "type": "object",
        "properties": {"value": {"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "number"}]}},
    },
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2 dollars", '"2 dollars"'),
        ('{"a": 1}', '{"a": 1}'),
        ("42", "42"),
        ("{not JSON", '"{not JSON"'),
        ('"quoted"', '"\\"quoted\\""'),
    ],
)
def test_where_a_text_is_one_of_several_types(written: str, value: str) -> None:
    text = f"<tool_call>\n<function=set>\n<parameter=value>\n{written}\n</parameter>\n</function>\n</tool_call>"
    assert read(FAMILY, text, tools=(UNION,)) == call("set", f'{{"value": {value}}}')
    assert accepted(FAMILY, text, (UNION,))


def test_a_length_is_kept() -> None:
    tool = ToolSpec("say", schema={"properties": {"it": {"type": "string", "minLength": 2, "maxLength": 4}}})
    texts = ["<tool_call>\n<function=say>\n<parameter=it>\n" + "x" * length for length in range(6)]
    ends = "\n</parameter>\n</function>\n</tool_call>"
    assert [accepted(FAMILY, text + ends, (tool,)) for text in texts] == [False, False, True, True, True, False]


def test_the_prompt() -> None:
    prompt = rendered(FAMILY, "Qwen3-Coder")
    assert "<|im_start|>system\nBe brief.\n\n# Tools" in prompt
    assert "<function>\n<name>get_weather</name>" in prompt
    assert (
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n<parameter=days>\n2\n</parameter>\n"
        "</function>\n</tool_call><|im_end|>\n"
        '<|im_start|>user\n<tool_response>\n{"sky": "grey"}\n</tool_response>\n<|im_end|>\n'
        "<|im_start|>assistant\nGrey.<|im_end|>\n" in prompt
    )
    assert prompt.endswith("<|im_start|>user\nAnd tomorrow?<|im_end|>\n<|im_start|>assistant\n")


def test_thinking_is_shown_where_the_template_asks_for_it() -> None:
    prompt = rendered(THINKING, "Qwen3.5-4B", CONVERSATION[:4])
    assert "<think>\nThey mean Zürich.\n</think>\n\n<tool_call>\n<function=get_weather>" in prompt
    assert prompt.rstrip().endswith("<|im_start|>assistant\n<think>")


def test_words_are_json_words_in_the_prompt() -> None:
    message = Message("assistant", (ToolCall("1", "edit", '{"path": "a", "text": "b", "all": true}'),))
    prompt = rendered(FAMILY, "Qwen3-Coder", [CONVERSATION[1], message])
    assert "<parameter=all>\ntrue\n</parameter>" in prompt


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("Qwen3-Coder", "qwen3-coder"),
        ("Qwen3.5-4B", "qwen3.5"),
        ("GLM-4.6", ""),
        ("openai-gpt-oss-120b", ""),
    ],
)
def test_fits(template: str, name: str) -> None:
    assert next((family.name for family in FAMILIES if family.fits(source(template))), "") == name
