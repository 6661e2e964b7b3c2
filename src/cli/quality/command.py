"""What `bench quality` does, from its words to its results."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import SwarmError
from ...node.config import config_folder
from ...settings import Settings
from ...tools.sandbox import NoSandbox, find
from .. import amounts
from ..client import Client, NodeFailed
from ..status import WHOLE
from . import sets
from .ask import Asker, Unasked
from .code import Runner
from .judge import Judge
from .picture import draw
from .question import Question
from .report import Report
from .row import Row
from .summary import every
from .words import in_words

COUNT = 20
STDOUT = Path("-")
# One alone is no vote.
LEAST_CANDIDATES = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """All that can be known before a node is asked."""

    questions: list[Question]
    judge: Judge
    candidates: int
    seed: int
    data: str
    notes: list[str]
    picture: Path | None

    @property
    def sets(self) -> list[str]:
        return list(dict.fromkeys(question.set for question in self.questions))


@dataclass(slots=True)
class Asked:
    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # why there are no answers to some questions
    stopped: str = ""  # why the rest was not asked


def add_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("for `bench quality`")
    text = f"of {','.join(sets.NAMES)} (all)"
    group.add_argument("--sets", type=_names, default=sets.NAMES, metavar="NAMES", help=text)
    group.add_argument(
        "--count", type=amounts.count, default=COUNT, metavar="N", help=f"questions of each set ({COUNT})"
    )
    group.add_argument("--seed", type=_seed, default=0, metavar="N", help="another one takes other questions")
    group.add_argument("--data", type=Path, metavar="FOLDER", help="whole sets, in the form they are published in")
    group.add_argument("--plot", type=Path, metavar="FILE", help="draw the figures into an SVG file")


def plan(settings: Settings, words: argparse.Namespace) -> Plan:
    for file in (words.json, words.plot):
        if file and file != STDOUT:
            _check(file)
    own = config_folder() / "quality"
    folder = words.data.expanduser() if words.data else own
    runner, notes = _runner(words.sets)
    names = [name for name in words.sets if runner or name != sets.CODE]
    if not names:
        raise NoSandbox(notes[0])
    taken = [sets.sample(sets.load(folder, name, own), words.count, words.seed) for name in names]
    data = str(folder) if words.data else ""
    candidates = max(LEAST_CANDIDATES, settings.candidates)
    return Plan(sets.in_turn(taken), Judge(runner), candidates, words.seed, data, notes, words.plot)


def run(client: Client, own_node: bool, plan: Plan) -> Report:
    models = [model["id"] for model in client.models()]
    asked = ask_all(Asker(client, plan.judge, plan.candidates, plan.seed), plan.questions)
    if not asked.rows:
        raise NodeFailed(next(iter(asked.refused), asked.stopped))
    known = [model for model in models if model not in WHOLE] or models
    found, notes = every(asked.rows, plan.sets), [*plan.notes, *_notes(asked)]
    report = Report(known, own_node, plan.candidates, plan.seed, plan.data, notes, found, asked.rows)
    if plan.picture:
        write(plan.picture, draw(found, report.title))
    return report


def told(report: Report) -> str:
    notes = "".join(f"\nnote: {note}" for note in report.notes)
    return f"{report.title}{notes}\n\n{in_words(report.figures)}"


def write(file: Path, text: str) -> None:
    with _writing(file):
        file.expanduser().write_text(text, encoding="utf-8")


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SwarmError(f"{file} cannot be written ({error.strerror}).") from None


def _check(file: Path) -> None:
    """Before the minutes are spent on what is to be in it."""
    with _writing(file), file.expanduser().open("a", encoding="utf-8"):
        pass


def ask_all(asker: Asker, questions: Sequence[Question]) -> Asked:
    """What was found out until then is told, whatever ends it."""
    asked = Asked()
    begun = time.monotonic()
    try:
        for at, question in enumerate(questions):
            _progress(at, len(questions), time.monotonic() - begun)
            try:
                asked.rows.append(asker.ask(question))
            except Unasked as error:
                asked.refused.append(error.message)
    except NodeFailed as error:
        asked.stopped = error.message
    except KeyboardInterrupt:
        asked.stopped = "It was stopped by hand."
    _progress(0, 0, 0.0)
    return asked


def _progress(done: int, count: int, seconds: float) -> None:
    """One line that is written over, for whoever watches; without a count it goes."""
    if not sys.stderr.isatty():
        return
    left = f", about {seconds / done * (count - done) / 60:.0f} min left" if done else ""
    line = f"question {done + 1} of {count}{left}" if count else ""
    print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def _runner(names: Sequence[str]) -> tuple[Runner | None, list[str]]:
    if sets.CODE not in names:
        return None, []
    try:
        return Runner(find()), []
    except NoSandbox as error:
        return None, [f"{error.message} The set '{sets.CODE}' is left out: what models write never runs without one."]


def _notes(asked: Asked) -> list[str]:
    refused = asked.refused
    notes = [f"{len(refused)} questions were refused and do not count, the first: {refused[0]}"] if refused else []
    done = len(asked.rows) + len(refused)
    return [*notes, f"Only {done} questions were asked: {asked.stopped}"] if asked.stopped else notes


def _seed(said: str) -> int:
    return 0 if said == "0" else amounts.count(said)


def _names(said: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(said.split(",")))
    for name in names:
        if name not in sets.NAMES:
            raise argparse.ArgumentTypeError(f"there is no set '{name[:40]}', but {', '.join(sets.NAMES)}")
    return names
