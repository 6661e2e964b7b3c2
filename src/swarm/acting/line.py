"""A step in one line, for whoever reads along. Pure."""

from ...chat import Step
from .circles import compact

MOST_ARGUMENTS = 200


def line(step: Step) -> str:
    """`read {"path": "a.py"} -> done, 12 lines`"""
    arguments = compact(step.call.arguments)
    if len(arguments) > MOST_ARGUMENTS:
        arguments = f"{arguments[:MOST_ARGUMENTS]} ..."
    return _plain(f"{step.call.name} {arguments} -> {step.outcome.state}, {_size(step.outcome.content)}")


def _plain(text: str) -> str:
    """A model wrote it, and whoever reads along may do so in a terminal."""
    return "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text)


def _size(content: str) -> str:
    count = len(content.splitlines())
    return f"{count} line{'' if count == 1 else 's'}"
