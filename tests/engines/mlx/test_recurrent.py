"""Models whose memory cannot be cut: what is read again, what is not, and that the text is that of a plain loop."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.engines.base import EngineOptions, Job
from localswarm.engines.mlx.cells import ANNOUNCED
from localswarm.engines.mlx.engine import MlxEngine
from localswarm.models.mlx import folder
from localswarm.models.mlx.geometry import geometry
from localswarm.models.mlx.place import Local

from ...tiny_models.for_mlx import KINDS
from ..contract.model import for_mlx
from ..contract.running import GREEDY, expected, one, run, text, usage, words

SHORT = replace(GREEDY, max_tokens=8)


def opened(path: Path, pool: int = 2048, seats: int = 4) -> MlxEngine:
    return MlxEngine(EngineOptions(path, context=512, seats=seats, pool=pool, step_tokens=48), lambda _: None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_writes_what_a_plain_loop_writes(kind: str, folder_of: Callable[[str], Path]) -> None:
    """Several at once, candidates of one prompt, a prompt that parts from another in its middle."""
    model = for_mlx(folder_of(kind))
    engine = opened(model.path)
    base = engine.prepare(words(60))
    prompts = [base, engine.prepare(words(20, 3)), (*base[:40], *engine.prepare(words(9, 5)))]
    truth = [expected(engine, model, tokens, 8) for tokens in prompts]
    result = run(engine, *(Job(str(at), tokens, 1, SHORT) for at, tokens in enumerate(prompts)))
    assert [text(result[str(at), 0]) for at in range(len(prompts))] == truth
    again = one(engine, prompts[2], SHORT, candidates=3)
    assert [text(pieces) for pieces in again] == [truth[2]] * 3
    assert [usage(pieces).cached for pieces in again] == [len(prompts[2]) - 1] * 3


@pytest.mark.parametrize("kind", ["qwen3_5", "qwen3_next", "mamba2"])
def test_a_state_takes_what_the_fit_reckons_with(kind: str, folder_of: Callable[[str], Path]) -> None:
    path = folder_of(kind)
    model = opened(path)._model
    shape = geometry(folder.configuration(Local(path)))
    assert shape.state == model.state_bytes
    # Numbers of 32 bits, as a processor computes with.
    kept = sum(layers.count * (layers.keys + layers.values) for layers in shape.attention)
    assert 4 * kept == model.kv_bytes_per_token


@pytest.fixture
def engine(folder_of: Callable[[str], Path]) -> MlxEngine:
    return opened(folder_of("qwen3_5"))


def test_a_turn_that_parts_where_the_answer_was_announced_reads_little_again(engine: MlxEngine) -> None:
    tokens = engine.prepare(words(90))
    one(engine, tokens, SHORT)
    turn = (*tokens[:-3], *engine.prepare(words(30, 5)))
    assert usage(one(engine, turn, SHORT)[0]).cached == len(tokens) - 1 - ANNOUNCED


def test_who_parts_somewhere_reads_that_again_and_the_next_one_does_not(engine: MlxEngine) -> None:
    tokens = engine.prepare(words(150))
    one(engine, tokens, SHORT)
    others = [(*tokens[:60], *engine.prepare(words(40, start))) for start in (5, 9)]
    assert [usage(one(engine, turn, SHORT)[0]).cached for turn in others] == [0, 60]


def test_the_beginning_before_the_first_word_of_the_user_is_kept(engine: MlxEngine) -> None:
    tokens = engine.prepare(words(150))
    run(engine, Job("first", tokens, 1, SHORT, head=70))
    assert usage(one(engine, (*tokens[:80], *engine.prepare(words(9, 5))), SHORT)[0]).cached == 70


def test_snapshots_stay_within_the_room_there_is(folder_of: Callable[[str], Path]) -> None:
    engine = opened(folder_of("qwen3_5"), pool=512, seats=2)
    for start in range(9):
        one(engine, engine.prepare(words(90, start)), SHORT)
        load = engine.load()
        assert load.cells_used == 0 < load.cells_cached <= load.cells
