"""Whatever a model writes behind the head of a call in a foreign form is a call, with the real vocabulary."""

import json
import re
from itertools import product

import pytest
from localswarm.chat import ToolSpec
from localswarm.dialects.grammar.check import problems
from localswarm.dialects.grammar.heads import OneOf, Parts, Strays, begun, maybe, reach, whole
from localswarm.dialects.grammar.tools import clean

from ..speaking import BARE_CHATML, LLAMA, asks, dialect, scanned, source
from .schemas import load
from .vocabulary import Vocabulary

TOOLS = tuple(
    ToolSpec(name, "", schema) for group in ("agents", "mcp") for name, schema in load(group).items() if name != "empty"
)
CHECKED = {tool.name: tool.schema for tool in clean(TOOLS)[0]}
SPEAKERS = {
    "qwen2.5": dialect(source("Qwen-Qwen2.5-7B-Instruct")),
    "taught": dialect(BARE_CHATML),
    "llama": dialect(LLAMA),
}
FENCES = ('```json\n{"name": "%s", "arguments": ', 'So:\n\n```\n{{\n  "name": "%s",\n  "parameters":')
BARE = ('{"name": "%s", "arguments": ', '\n[{"type": "function", "function": {"name":"%s","arguments":')
HEADS = [("qwen2.5", head) for head in FENCES + BARE] + [("taught", FENCES[0]), ("llama", FENCES[0])]


@pytest.mark.parametrize(
    ("speaker", "head", "name"), [(*HEADS[at % len(HEADS)], one.name) for at, one in enumerate(TOOLS)]
)
def test_walk(vocabulary: Vocabulary, speaker: str, head: str, name: str) -> None:
    one, request = SPEAKERS[speaker], asks(tools=TOOLS)
    plan = one.plan(request)
    assert plan.grammar
    texts = [vocabulary.walk(plan.grammar, seed, head % name) for seed in range(2)]
    assert any(texts), "no walk came to an end"
    for text in filter(None, texts):
        said = scanned(one, request, [text[at : at + 3] for at in range(0, len(text), 3)], plan)
        assert said.calls and said.calls[0][0] == name and said.whole
        assert said.text == head.partition("```")[0].strip() * ("```" in head)
        for called, given in said.calls:
            assert problems(json.loads(given), CHECKED[called]) == []


PARTS: Parts = ("ab", maybe("cd"), OneOf((("e",), ("ef",))), "g")
WHOLE = ["abcdeg", "abcdefg", "abeg", "abefg"]


def test_beginnings() -> None:
    """The expressions and the reading agree on all short texts."""
    for text in ("".join(letters) for size in range(6) for letters in product("abcdefg", repeat=size)):
        beginning = any(one.startswith(text) for one in WHOLE)
        assert (re.fullmatch(begun(PARTS), text) is not None) == (beginning and text not in WHOLE)
        assert (re.fullmatch(whole(PARTS), text) is not None) == (text in WHOLE)
        assert (reach(PARTS, text) == len(text)) == beginning


@pytest.mark.parametrize("name", ["ls", "list", "l"])
@pytest.mark.parametrize(("form", "opening"), [("fenced", "<tool_call> "), ("object", ""), ("next", "json\n")])
def test_the_head_of_each_tool_is_one_of_those_of_all(form: str, opening: str, name: str) -> None:
    every = Strays(tuple(ToolSpec(one, "", {}) for one in ("ls", "list", "l")), tagged=True)
    head = f'{opening}{{ "name" :"{name}",\n"parameters":'
    lead = getattr(every, form)()
    of_one, of_all = (*lead, *every.named(name)), (*lead, *every.named())
    assert re.fullmatch(whole(of_one), head) and re.fullmatch(whole(of_all), head)
    assert all(re.fullmatch(begun(of_all), head[:at]) for at in range(len(head)))
    assert not re.fullmatch(begun(of_all), head)
