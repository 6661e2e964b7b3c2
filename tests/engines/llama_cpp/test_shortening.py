"""The real model in a list that it never ends by itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Job, Piece
from localswarm.engines.llama_cpp.engine import LlamaEngine

# llguidance's adapter still calls llama.cpp by an older name.
pytestmark = pytest.mark.filterwarnings("ignore:llama_token_get_attr:DeprecationWarning")

SCHEMA = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "string"}}, "paid": {"type": "boolean"}},
    "required": ["items", "paid"],
    "additionalProperties": False,
}
GRAMMAR = f"start: %json {json.dumps(SCHEMA | {'x-guidance': {'whitespace_flexible': False}})}"
PROMPT = ('{"items":["cheese"' + ',"cheese"' * 20 + "\n") * 2
MOST = 160


@pytest.fixture(scope="module")
def engine(smollm2: Path) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(EngineOptions(smollm2, context=1024, seats=1, threads=1), lambda _: None)
    yield engine
    engine.close()


def answer(engine: LlamaEngine, grammar: str | None) -> tuple[str, Piece]:
    constraint = engine.compile(grammar) if grammar else None
    sampling = Sampling(temperature=0, max_tokens=MOST)
    engine.submit(Job("one", engine.prepare(PROMPT), 1, sampling, constraint=constraint))
    pieces: list[Piece] = []
    while engine.busy:
        for piece in engine.step():
            assert isinstance(piece, Piece)
            pieces.append(piece)
    return "".join(piece.text for piece in pieces), pieces[-1]


def test_it_ends_validly_and_says_so(engine: LlamaEngine) -> None:
    text, last = answer(engine, GRAMMAR)
    value = json.loads(text)
    assert len(value["items"]) > 10
    assert value["paid"] in (True, False)
    assert last.usage
    assert last.usage.completion < MOST
    assert last.shortened
    assert last.reason == "length"


def test_without_a_grammar_nobody_interferes(engine: LlamaEngine) -> None:
    text, last = answer(engine, None)
    assert text.endswith(text[-6:] * 8)
    assert last.usage
    assert last.usage.completion == MOST
    assert not last.shortened
