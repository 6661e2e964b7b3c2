"""`python -m tests.benchmarks.enforcement [MODEL ...]`

What a grammar costs for each token, beside a step of the model, and how many tokens of a call are forced, that is, need
no step of their own to be chosen. And what it costs while a model talks that may call one of many tools.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean, median

from localswarm.chat import ChatRequest, Message, Sampling, Text, ToolChoice, ToolSpec
from localswarm.engines.base import EngineOptions, Job, Piece
from localswarm.engines.contenders import allowed_among, strongest
from localswarm.engines.llama_cpp.engine import LlamaEngine
from localswarm.node.speech import dialect_of

from .servers import embedded_model

SEARCH = ToolSpec(
    "search_files",
    "Search the files of a project for a text",
    {
        "type": "object",
        "properties": {
            "pattern": {"type": "string"},
            "folder": {"type": "string"},
            "ignore_case": {"type": "boolean"},
            "most": {"type": "integer"},
        },
        "required": ["pattern", "folder", "ignore_case", "most"],
    },
)
VERBS = ("read", "write", "edit", "search", "list", "delete")
NOUNS = ("file", "page", "issue", "table", "note")
QUESTION = "Find where the word 'timeout' stands in the folder src, in any case, at most 20 times."
TOP_K = 40
# As many as a coding agent with some MCP servers has.
MANY = tuple(replace(SEARCH, name=f"{verb}_{noun}") for verb in VERBS for noun in NOUNS)
WORDS = "So I look at it: `x < 3`.\n\n```python\nprint({'name': [1, 2]})\n```\nThen it is done.\n" * 40


def main(models: list[Path]) -> None:
    for model in models or [embedded_model()]:
        print(f"{model.name}\n{_measure(model)}")


def _measure(model: Path) -> str:
    engine = LlamaEngine(EngineOptions(model, 4096, seats=1, threads=2), lambda _: None)
    engine.warm()
    choice = ToolChoice("required", parallel=False)
    request = ChatRequest("r", "m", (Message("user", (Text(QUESTION),)),), (SEARCH,), choice)
    plan = dialect_of(None)(engine.card).plan(request)
    assert plan.grammar
    begun = time.perf_counter()
    constraint = engine.compile(plan.grammar)
    compiled = time.perf_counter() - begun
    prompt = engine.prepare(plan.prompt)
    said, _ = _run(engine, Job("a", prompt, 1, Sampling(temperature=0, max_tokens=200), 0, constraint))
    _, steps = _run(engine, Job("b", prompt, 1, Sampling(temperature=0, max_tokens=64, ignore_eos=True)))
    step = median(steps[1:])
    tokens = engine.tokenize(said, special=False)
    masks, accepts, cuts = [], [], []
    walker = constraint.fork()
    logits = engine._logits.row(0).copy()
    for token in tokens:
        begun = time.perf_counter()
        bits = walker.allowed()
        masks.append(time.perf_counter() - begun)
        plain = _timed(lambda: strongest(logits, TOP_K))
        cuts.append(_timed(lambda bits=bits: allowed_among(logits, bits, TOP_K)) - plain)  # type: ignore[misc]
        begun = time.perf_counter()
        walker.accept(token)
        accepts.append(time.perf_counter() - begun)
    cost = median(masks) + median(accepts) + median(cuts)
    forced = _forced(engine, plan.grammar, tokens)
    words = _words(engine, step)
    engine.close()
    parts = {"mask": masks, "choosing": cuts, "accepting": accepts}
    costs = ", ".join(f"{name} {1e6 * median(times):.0f} us" for name, times in parts.items())
    return (
        f"  {engine._model.vocab_size} tokens; a step takes {1000 * step:.1f} ms; {1000 * compiled:.1f} ms to compile\n"
        f"  for each token: {costs}, together {100 * cost / step:.2f} % of a step\n"
        f"  {forced} of the {len(tokens)} tokens of the call are forced\n  {said!r}\n{words}"
    )


def _words(engine: LlamaEngine, step: float) -> str:
    """Twice: the first time, much is found out that is kept."""
    request = ChatRequest("w", "m", (Message("user", (Text(QUESTION),)),), MANY)
    plan = dialect_of(None)(engine.card).plan(request)
    assert plan.grammar
    begun = time.perf_counter()
    constraint = engine.compile(plan.grammar)
    compiled = time.perf_counter() - begun
    tokens = engine.tokenize(WORDS, special=False)
    costs = []
    for walker in (constraint.fork(), constraint.fork()):
        times = []
        for token in tokens:
            begun = time.perf_counter()
            walker.allowed()
            walker.accept(token)
            times.append(time.perf_counter() - begun)
        costs.append(f"{1e6 * mean(times):.0f} us ({100 * mean(times) / step:.2f} % of a step)")
    return (
        f"  words beside {len(MANY)} tools: {1000 * compiled:.1f} ms to compile; for each of {len(tokens)} tokens "
        f"{costs[0]} on average, then {costs[1]}"
    )


def _run(engine: LlamaEngine, job: Job) -> tuple[str, list[float]]:
    engine.submit(job)
    text, times = "", []
    while engine.busy:
        begun = time.perf_counter()
        outcomes = engine.step()
        times.append(time.perf_counter() - begun)
        text += "".join(one.text for one in outcomes if isinstance(one, Piece))
    return text, times


def _forced(engine: LlamaEngine, grammar: str, tokens: list[int]) -> int:
    walker, at, forced = engine.compile(grammar), 0, 0
    while at < len(tokens):
        walker.accept(tokens[at])
        more = walker.forced()
        at += 1 + len(more)
        forced += len(more)
    return forced


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])
