"""An MLX engine that keeps the tokens of what it finished."""

from pathlib import Path

from localswarm.engines.base import EngineOptions, Piece
from localswarm.engines.mlx.engine import MlxEngine
from localswarm.engines.sequence import Sequence

Finished = list[tuple[tuple[int, ...], tuple[int, ...]]]


class RecordingEngine(MlxEngine):
    def __init__(self, path: Path, written: int, short: int) -> None:
        """`written`: answers of so many tokens are kept; `short`: of one group."""
        super().__init__(EngineOptions(path, context=512, seats=6, pool=768, step_tokens=48), lambda _: None)
        self._cells._short = short
        self._written = written
        self.finished: Finished = []

    def _ended(self, sequence: Sequence, piece: Piece) -> Piece:
        tokens = tuple(sequence.tokens)
        if sequence.written == self._written:
            self.finished.append((tokens[: sequence.prompt], tokens[sequence.prompt :]))
        return super()._ended(sequence, piece)
