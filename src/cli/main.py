"""Reads the command line and hands over to a command."""

import errno
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from .. import settings
from ..errors import SettingError, SwarmError
from .parser import WrongUse, read, split

FAILURE, WRONG_USE, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    _prepare_output()
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return code
    except (WrongUse, SwarmError) as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG_USE if isinstance(error, WrongUse) else FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        return _output_failed(error)


def _run(argv: Sequence[str]) -> int:
    command, rest = split(argv)
    words = read(command, rest)
    try:
        loaded = settings.read(vars(words))
    except SettingError as error:
        if not command.despite_settings:
            raise WrongUse(error.message) from None
        return command.code().run(settings.defaults(), words)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return command.code().run(loaded.settings, words)


def _prepare_output() -> None:
    """Models write what a terminal's encoding may lack: a mark in its place is better than an end."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _output_failed(error: OSError) -> int:
    """Whoever read our output has left (`| head`), which is nothing to talk about; or there is no room for it."""
    if not isinstance(error, BrokenPipeError):
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise error
        print(f"error: The output cannot be written ({error.strerror}).", file=sys.stderr)
    # Python would complain once more when it closes stdout.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILURE
