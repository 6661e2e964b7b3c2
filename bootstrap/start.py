"""Decides which Python does the work, and hands over to it."""

import os
import subprocess
import sys
from pathlib import Path

from bootstrap.environment import BENCH, DEV, ROOT, RUN, Environment
from bootstrap.making import make
from bootstrap.stop import Stop

WORDS = {"bench": BENCH, "check": DEV, "fix": DEV, "lock": DEV, "test": DEV}


def start(arguments: list[str]) -> int:
    try:
        return develop(arguments[1:]) if arguments[:1] == ["dev"] else run(arguments)
    except Stop as stop:
        print(f"localswarm: {stop}", file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        return 130


def run(arguments: list[str]) -> int:
    if not RUN.can_work_here():
        return hand_over([str(python_of(RUN)), str(ROOT / "main.py"), *arguments], dict(os.environ))
    from localswarm.cli.main import main as cli

    return cli(arguments)


def develop(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in WORDS:
        raise Stop(f"Usage: python main.py dev {'|'.join(WORDS)} [arguments]", code=2)
    environment = WORDS[arguments[0]]
    python = Path(sys.executable) if environment.can_work_here() else python_of(environment)
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    os.chdir(ROOT)
    return hand_over([str(python), "-m", "poethepoet", *arguments], os.environ | {"PATH": path})


def python_of(environment: Environment) -> Path:
    if environment.is_running() or not environment.is_current():
        make(environment)
    return environment.python


def hand_over(command: list[str], settings: dict[str, str]) -> int:
    """Become that command; Windows cannot, and stays as its parent."""
    if sys.platform == "win32":
        return subprocess.call(command, env=settings)
    sys.stdout.flush()
    os.execve(command[0], command, settings)
