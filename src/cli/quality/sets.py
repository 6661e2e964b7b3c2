"""The sets of questions: where they lie, and which of them are asked."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from ...errors import SwarmError
from . import bfcl, code, sums
from .question import Question

NAMES = ("calls", bfcl.IRRELEVANT, "sums", "code")
CODE = "code"
# What GSM8K's and MBPP's own files are called.
ORIGINALS = {"sums": ("gsm8k.jsonl", "test.jsonl"), CODE: ("mbpp.jsonl",)}
BFCL = {"calls": bfcl.KINDS, bfcl.IRRELEVANT: (bfcl.IRRELEVANT,)}

Line = dict[str, Any]


class NoQuestions(SwarmError):
    """A set is not there, or cannot be read."""


def load(folder: Path, name: str, frames: Path) -> list[Question]:
    """`frames`: the folder of what is said around the questions."""
    try:
        made = _maker(name, frames)
        return [made(line) for line in _lines(folder, name)]
    except OSError as error:
        raise NoQuestions(f"The questions '{name}' cannot be read in {folder} ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError, IndexError, ArithmeticError):
        raise NoQuestions(
            f"The questions '{name}' in {folder} are not in the form in which they are published."
        ) from None


def sample(questions: Sequence[Question], count: int, seed: int) -> list[Question]:
    """By a hash of their ids, so that the same seed gives the same ones, and more of them the same and others."""
    return sorted(questions, key=lambda one: hashlib.sha256(f"{seed}:{one.id}".encode()).digest())[:count]


def in_turn(sets: Sequence[Sequence[Question]]) -> list[Question]:
    """So that a run that is stopped says something about each."""
    return [one for one in chain.from_iterable(zip_longest(*sets)) if one]


def _maker(name: str, frames: Path) -> Callable[[Line], Question]:
    if name in BFCL:
        return bfcl.question
    frame = (frames / f"{name}.txt").read_text(encoding="utf-8").strip()
    make = code.question if name == CODE else sums.question
    return lambda line: make(line, frame)


def _lines(folder: Path, name: str) -> Iterator[Line]:
    file = next((file for file in _files(folder, name) if file.is_file()), None)
    if file is None and name in BFCL:
        return chain.from_iterable(bfcl.lines(folder, kind) for kind in BFCL[name])
    if file is None:
        raise NoQuestions(f"The questions '{name}' are not in {folder}: there is no {_files(folder, name)[1].name}.")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    if name == CODE:
        return iter([line for line in lines if line["task_id"] in code.TESTED])
    return ({"id": f"{name}_{at}"} | line for at, line in enumerate(lines))


def _files(folder: Path, name: str) -> list[Path]:
    return [folder / file for file in (f"{name}.jsonl", *ORIGINALS.get(name, ()))]
