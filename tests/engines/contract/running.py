"""Jobs through an engine, and what came of them."""

from localswarm.chat import Sampling, TokenLogprob, Usage
from localswarm.engines.base import Engine, Job, Piece
from localswarm.engines.text import TextStream

from .model import Model

GREEDY = Sampling(temperature=0, max_tokens=24, ignore_eos=True)
WORDS = "red blue green one two three sea sky hill tree stone river bird fish cloud rain".split()
Result = dict[tuple[str, int], list[Piece]]


def run(engine: Engine, *jobs: Job) -> Result:
    for job in jobs:
        engine.submit(job)
    return finish(engine)


def finish(engine: Engine) -> Result:
    result: Result = {}
    while engine.busy:
        for piece in engine.step():
            assert isinstance(piece, Piece), piece
            result.setdefault((piece.job, piece.candidate), []).append(piece)
    return result


def one(engine: Engine, tokens: tuple[int, ...], sampling: Sampling = GREEDY, candidates: int = 1) -> list[list[Piece]]:
    """The pieces of each candidate."""
    result = run(engine, Job("one", tokens, candidates, sampling))
    return [result["one", candidate] for candidate in range(candidates)]


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def usage(pieces: list[Piece]) -> Usage:
    assert pieces[-1].usage
    return pieces[-1].usage


def entries(pieces: list[Piece]) -> list[TokenLogprob]:
    return [entry for piece in pieces for entry in piece.logprobs]


def words(count: int, start: int = 0) -> str:
    return " ".join(WORDS[(start + i * i + i // 7) % len(WORDS)] for i in range(count))


def expected(engine: Engine, model: Model, tokens: tuple[int, ...], count: int = 24) -> str:
    """What a plain loop writes."""
    stream = TextStream()
    parts = [stream.push(model.piece(engine, token)).text for token in model.greedy(tokens, count)]
    return "".join(parts) + stream.finish().text
