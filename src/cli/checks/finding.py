"""What a check finds, and what it may look at."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...settings import Settings

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    cause: str  # what is so, in a few words
    mend: str = ""  # what to do about it, where something is to be done


def ok(cause: str) -> Finding:
    return Finding("ok", cause)


def warn(cause: str, mend: str) -> Finding:
    return Finding("warn", cause, mend)


def fail(cause: str, mend: str) -> Finding:
    return Finding("fail", cause, mend)


@dataclass(frozen=True, slots=True)
class Situation:
    settings: Settings
    words: argparse.Namespace


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    look: Callable[[Situation], Finding]
