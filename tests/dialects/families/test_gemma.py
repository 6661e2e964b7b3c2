import json

import pytest
from localswarm.chat import ToolSpec
from localswarm.dialects.families.gemma import FAMILIES, FAMILY, FUNCTION_GEMMA, Gemma
from localswarm.dialects.family import Argued, Begun, Plain

from .reading import CONVERSATION, PENDING, Case, accepted, call, read, reads_as_told, rendered, source

ONE = '<|tool_call>call:get_weather{city:<|"|>Zürich<|"|>,days:2}<tool_call|>'
OTHER = (
    '<|tool_call>call:edit{all:true,marks:[{line:1,why:null},{line:-2,why:<|"|>x, "y"<|"|>}],'
    'path:<|"|>a}<|"|>,text:<|"|><b>\n{é: 1}\n</b><|"|>}<tool_call|>'
)
EMPTY = "<|tool_call>call:now{}<tool_call|>"
WEATHER = call("get_weather", '{"city":"Zürich","days":2}')
EDITED = call(
    "edit",
    '{"all":true,"marks":[{"line":1,"why":null},{"line":-2,"why":"x, \\"y\\""}],"path":"a}",'
    '"text":"<b>\\n{é: 1}\\n</b>"}',
)
OLDER = "<start_function_call>call:get_weather{city:<escape>Zürich<escape>,days:2}<end_function_call>"

CASES: dict[str, Case] = {
    "one call": (FAMILY, ONE, WEATHER),
    "two calls": (FAMILY, ONE + OTHER, [*WEATHER, *EDITED]),
    "no argument": (FAMILY, EMPTY, call("now", "{}")),
    "empty values": (
        FAMILY,
        '<|tool_call>call:edit{marks:[],path:<|"|><|"|>,text:{}}<tool_call|>',
        call("edit", '{"marks":[],"path":"","text":{}}'),
    ),
    "with blanks": (
        FAMILY,
        "<|tool_call>call:edit{ all: false , text: 1.5e10 }",
        call("edit", '{"all":false,"text":1.5e10}'),
    ),
    "quoted as in JSON": (
        FAMILY,
        '<|tool_call>call:get_weather{"city":"Paris"}',
        call("get_weather", '{"city":"Paris"}'),
    ),
    "keys in marks": (
        FAMILY,
        '<|tool_call>call:get_weather{<|"|>city<|"|>:<|"|>Paris<|"|>}<tool_call|>',
        call("get_weather", '{"city":"Paris"}'),
    ),
    "a word": (FAMILY, "<|tool_call>call:get_weather{city:Paris}<tool_call|>", call("get_weather", '{"city":"Paris"}')),
    "words behind": (FAMILY, f"{EMPTY}Done.", [*call("now", "{}"), Plain("Done.")]),
    "cut off": (FAMILY, ONE[: ONE.index("ich")], [Begun("get_weather"), Argued('{"city":"Zür')]),
    "brackets that do not match": (
        FAMILY,
        "<|tool_call>call:edit{marks:[}",
        [Begun("edit"), Argued('{"marks":['), Plain("}")],
    ),
    "without end": (
        FAMILY,
        "<|tool_call>call:edit{marks:" + "[" * 2000,
        [Begun("edit"), Argued('{"marks":' + "[" * 50), Plain("[" * 1950)],
    ),
    "not offered": (FAMILY, "<|tool_call>call:rm{}", [Plain("<|tool_call>call:rm{}")]),
    "FunctionGemma": (FUNCTION_GEMMA, OLDER, WEATHER),
    "FunctionGemma, two calls": (FUNCTION_GEMMA, OLDER * 2, WEATHER * 2),
}


test_reads = reads_as_told(CASES)


@pytest.mark.parametrize(
    ("family", "text", "right"),
    [
        (FAMILY, ONE, True),
        (FAMILY, ONE + OTHER, True),
        (FAMILY, EMPTY, True),
        (FAMILY, EMPTY.replace("now", "rm"), False),
        (FAMILY, EMPTY.replace("now", "get_weather"), False),
        (FAMILY, ONE.replace("city", "town"), False),
        (FAMILY, ONE.replace("2", "two"), False),
        (FAMILY, ONE.removesuffix("<tool_call|>"), False),
        (FAMILY, ONE.replace(",days:2", ",days:2,"), False),
        (FAMILY, ONE.replace(",days:2", ',unit:<|"|>celsius<|"|>'), True),
        (FAMILY, ONE.replace(",days:2", ',unit:<|"|>kelvin<|"|>'), False),
        (FUNCTION_GEMMA, OLDER, True),
    ],
)
def test_the_grammar(family: Gemma, text: str, right: bool) -> None:
    assert accepted(family, text) == right


KINDS = ToolSpec(
    "f",
    schema={
        "type": "object",
        "properties": {
            "b": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
            "A": {"type": "object"},
            "c": {"const": 7},
            "d": {},
            "tree": {"$ref": "#/$defs/tree"},
        },
        "$defs": {
            "tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "n": {"type": "number"}}}
        },
    },
)


@pytest.mark.parametrize(
    ("given_", "right"),
    [
        ("", True),
        ("b:3", True),
        ('b:[<|"|>x<|"|>,<|"|>y<|"|>]', True),
        ("b:[]", False),
        ("A:{}", True),
        ('A:{x:1,y:[{z:<|"|>q<|"|>}]}', True),
        ("A:3", False),
        ("c:7", True),
        ("c:8", False),
        ("d:true", True),
        ('d:[1,{a:<|"|>b<|"|>}]', True),
        ("tree:{left:{left:{n:1},n:2}}", True),
        ("A:{},b:1,c:7,d:null,tree:{}", True),
        ("b:1,A:{}", False),
        (",b:1", False),
    ],
)
def test_the_grammar_of_values(given_: str, right: bool) -> None:
    text = f"<|tool_call>call:f{{{given_}}}<tool_call|>"
    assert accepted(FAMILY, text, (KINDS,)) == right
    if right:
        arguments = read(FAMILY, text, tools=(KINDS,))[1]
        assert isinstance(arguments, Argued) and isinstance(json.loads(arguments.text), dict)


def test_the_prompt() -> None:
    prompt = rendered(FAMILY, "google-gemma-4-31B-it")
    assert '<|turn>system\nBe brief.<|tool>declaration:get_weather{description:<|"|>The weather in a city.' in prompt
    assert f'{ONE}<|tool_response>response:get_weather{{value:<|"|>{{"sky": "grey"}}<|"|>}}<tool_response|>' in prompt
    assert "And tomorrow?<turn|>\n<|turn>model\n" in prompt
    assert "They mean" not in prompt


def test_thoughts_of_this_round_are_kept() -> None:
    prompt = rendered(FAMILY, "google-gemma-4-31B-it", PENDING)
    assert f"<|turn>model\n<|channel>thought\nThey mean Zürich.\n<channel|>{ONE}" in prompt
    assert CONVERSATION[:4] == PENDING


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (source("google-gemma-4-31B-it"), "gemma"),
        (source("Qwen3-Coder"), ""),
        # Gemma 3 knows no tools.
        ("{{ bos_token }}{% for message in messages %}<start_of_turn>{{ message.role }}<end_of_turn>{% endfor %}", ""),
        ("<start_function_declaration>{{ tools }}<start_function_call>call:<escape>", "function-gemma"),
    ],
    ids=["4", "other", "3", "FunctionGemma"],
)
def test_fits(template: str, name: str) -> None:
    assert next((family.name for family in FAMILIES if family.fits(template)), "") == name
