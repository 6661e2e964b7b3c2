"""What HTTP, parsing and the process hop add to the first token: the same warm request over HTTP and in one process."""

import json
import subprocess
import sys
import time
from statistics import median

from .client import ask, user
from .servers import ROOT, SEATS, Server

QUESTION = "Say hello."
TIMES = 40


def over_http(server: Server) -> float:
    times = []
    for _ in range(TIMES):
        times.append(ask(server.port, user(QUESTION), 2).first)
        time.sleep(0.02)
    return 1000 * median(times[5:])


def in_process(server: Server) -> float:
    words = [str(server.model), str(server.threads)]
    said = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.overhead", *words],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(json.loads(said.stdout.splitlines()[-1]))


def main(model: str, threads: int) -> None:
    from pathlib import Path

    from localswarm.chat import Sampling
    from localswarm.dialects.template import ChatTemplate
    from localswarm.engines.base import EngineOptions, Job, Piece
    from localswarm.engines.llama_cpp.engine import LlamaEngine

    engine = LlamaEngine(EngineOptions(Path(model), 8192, SEATS, threads=threads), lambda _: None)
    card = engine.card
    template = ChatTemplate(card.template, "", card.bos, card.eos)
    times = []
    for turn in range(TIMES):
        begun = time.perf_counter()
        tokens = engine.prepare(template.prompt([{"role": "user", "content": QUESTION}], []))
        engine.submit(Job(str(turn), tokens, 1, Sampling(max_tokens=2, seed=1, ignore_eos=True)))
        while not any(isinstance(one, Piece) and one.text for one in engine.step()):
            pass
        times.append(time.perf_counter() - begun)
        engine.cancel(str(turn))
        time.sleep(0.02)
    print(json.dumps(1000 * median(times[5:])))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
