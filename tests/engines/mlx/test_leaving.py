"""A job that is about to be cancelled, as the reading thread of the engine's process tells it."""

from pathlib import Path

from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Job
from localswarm.engines.mlx.engine import LEAST_PIECE, MlxEngine

PLAN = Sampling(temperature=0, max_tokens=4, ignore_eos=True)


def test_its_prompt_is_not_read_to_the_end(folder: Path) -> None:
    engine = MlxEngine(EngineOptions(folder, context=1024, seats=2), lambda _: None)
    engine.submit(Job("gone", tuple(range(100, 500)), 1, PLAN))
    engine.interrupt("gone")
    engine.step()
    assert all(one.read < LEAST_PIECE for one in engine._schedule.of("gone"))
    engine.cancel("gone")
    assert not engine.busy
    engine.submit(Job("gone", tuple(range(100, 500)), 1, PLAN))
    engine.step()
    assert all(one.read > LEAST_PIECE for one in engine._schedule.of("gone"))
    engine.cancel("gone")
