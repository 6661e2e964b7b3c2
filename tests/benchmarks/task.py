"""A task of several steps with tools: `python -m tests.benchmarks.task [--model FILE] [--runs N] [--strategy S]`

The model creates a file, runs the tests, mends what fails. Afterwards the tests as they were, and more that it never
saw, are run in the sandbox. Runs take minutes: what is in the file of rows already is not run again.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from localswarm.cli.quality.figures import share

from .projects import PROJECTS, RUN, Project
from .servers import Ours, embedded_model

STRATEGIES = ("fast", "vote")
# Longer than the node lets an answer take, as its last round comes after that.
SECONDS = 3600.0
# Of all rounds: a small model that talks without an end would fill its context.
TOKENS = 3000
SOMEBODY = 65534
CHECK = "test_as_the_checker_has_it.py"
TESTING = re.compile(r"unittest|pytest|test_\w+\.py")


@dataclass(frozen=True, slots=True)
class Row:
    """`right`: all tests pass afterwards. `made`: the new file is there. `ran`: the model ran tests. `steps`: what it
    did, to read what went wrong."""

    model: str
    strategy: str
    run: int
    project: str
    right: bool
    made: bool
    ran: bool
    rounds: int
    seconds: float
    tokens: int
    said: str
    check: str
    warnings: Sequence[str]
    steps: Sequence[Mapping[str, Any]]

    @property
    def key(self) -> tuple[str, str, int]:
        return self.model, self.strategy, self.run


def main() -> int:
    words = _arguments()
    rows = kept(words.rows)
    model = words.model.stem
    todo = [
        (strategy, run)
        for run in range(words.runs)
        for strategy in words.strategy or STRATEGIES
        if (model, strategy, run) not in {row.key for row in rows}
    ]
    if todo:
        with a_host(words.model, words.threads) as (host, folder):
            for strategy, run in todo:
                row = one(host, folder, model, strategy, run)
                rows.append(row)
                keep(words.rows, row)
                print(line(row), file=sys.stderr, flush=True)
    print(report([row for row in rows if row.model == model]))
    return 0


def one(host: Ours, folder: Path, model: str, strategy: str, run: int) -> Row:
    project = PROJECTS[run % len(PROJECTS)]
    fill(folder, project.files)
    begun = time.monotonic()
    with httpx.Client(base_url=f"http://127.0.0.1:{host.port}", timeout=SECONDS) as client:
        answer = ask(client, project, strategy, run)
        seconds = time.monotonic() - begun
        made = (folder / project.made).is_file()
        right, check = checked(client, folder, project)
    steps = answer.get("swarm", {}).get("steps", [])
    return Row(
        model,
        strategy,
        run,
        project.name,
        right,
        made,
        any(step["tool"] in ("bash", "python") and TESTING.search(step["arguments"]) for step in steps),
        max((step["round"] for step in steps), default=0) + 1,
        round(seconds, 1),
        answer.get("usage", {}).get("completion_tokens", 0),
        _said(answer),
        check,
        answer.get("swarm", {}).get("warnings", []),
        steps,
    )


def ask(client: httpx.Client, project: Project, strategy: str, run: int) -> dict[str, Any]:
    messages = [{"role": "user", "content": project.wish}]
    body = {"model": f"swarm:{strategy}+tools", "messages": messages, "seed": run, "max_tokens": TOKENS}
    answer: dict[str, Any] = client.post("/v1/chat/completions", json=body).json()
    return answer


def checked(client: httpx.Client, folder: Path, project: Project) -> tuple[bool, str]:
    """With the tests as they were, whatever became of them. In the sandbox: what a model wrote is run here."""
    put(folder, {**project.tests, CHECK: project.hidden})
    body = {"tool": "bash", "arguments": {"command": RUN}, "id": uuid.uuid4().hex}
    came = client.post("/v1/tools/execute", json=body).json()
    return came.get("state") == "done", str(came.get("content", came))[-600:]


def fill(folder: Path, files: Mapping[str, str]) -> None:
    """With these and nothing else. The folder stays: the node has it open."""
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    put(folder, files)


def put(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        if path.is_symlink() or path.is_dir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if os.geteuid() == 0:
        # Programs of a node of root run as the owner of the folder.
        for each in (folder, *folder.rglob("*")):
            os.chown(each, SOMEBODY, SOMEBODY, follow_symlinks=False)


@contextmanager
def a_host(model: Path, threads: int) -> Iterator[tuple[Ours, Path]]:
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryDirectory(prefix="project-") as project:
        folder = Path(project).resolve()
        put(folder, {})
        words = ["--state-dir", state, "--tool-server", "--root", str(folder), "--yes-tools", "--tool-port", "0"]
        host = Ours(model, threads, words)
        host.start()
        try:
            yield host, folder
        finally:
            host.stop()


def kept(file: Path) -> list[Row]:
    if not file.exists():
        return []
    return [Row(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines() if line]


def keep(file: Path, row: Row) -> None:
    with file.open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(asdict(row)) + "\n")


def line(row: Row) -> str:
    stages = ", ".join(name for name in ("made", "ran", "right") if getattr(row, name)) or "nothing"
    return f"{row.strategy} {row.run} {row.project}: {stages}; {row.rounds} rounds, {row.seconds:.0f} s"


def report(rows: Sequence[Row]) -> str:
    lines = [
        "| | runs | right | 95 % interval | file made | tests run | rounds | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    by_strategy = {name: [row for row in rows if row.strategy == name] for name in STRATEGIES}
    return "\n".join([*lines, *(_summary(name, own) for name, own in by_strategy.items() if own)])


def _summary(strategy: str, rows: Sequence[Row]) -> str:
    count, right = len(rows), sum(row.right for row in rows)
    found = share(right, count)
    made, ran = sum(row.made for row in rows), sum(row.ran for row in rows)
    times = f"{median(row.rounds for row in rows):g} | {median(row.seconds for row in rows):.0f}"
    interval = f"{100 * found.low:.0f} to {100 * found.high:.0f} %"
    return f"| {strategy} | {count} | {right} ({100 * found.value:.0f} %) | {interval} | {made} | {ran} | {times} |"


def _said(answer: Mapping[str, Any]) -> str:
    """The answer, or the error instead of one."""
    choices = answer.get("choices")
    return str(choices[0]["message"].get("content") or "") if choices else json.dumps(answer.get("error", answer))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.task", description=__doc__)
    parser.add_argument("--model", type=Path, default=embedded_model())
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--strategy", choices=STRATEGIES, action="append", help="only this one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, default=Path("task-rows.jsonl"), help="what was run already, and will be")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
