"""The one exception of a start that cannot go on."""

import os
import shlex
import shutil
import sys


class Stop(Exception):
    """What happened and why, in one sentence, and the command that mends it."""

    def __init__(self, what: str, mend: str = "", code: int = 1) -> None:
        super().__init__(f"{what}\n  {mend}" if mend else what)
        self.code = code


def same_command() -> str:
    """What the user typed, as near as can be known."""
    name = os.path.basename(sys.executable)
    python = name if shutil.which(name) else sys.executable
    return " ".join(map(shlex.quote, [python, "main.py", *sys.argv[1:]]))
