"""Start Local Swarm from a bare checkout: `python main.py --auto`; or work on it: `python main.py dev test`.

This file alone keeps to the syntax of Python 3.6: a Python that is too old must get as far as saying so.
"""

import os
import shlex
import shutil
import subprocess
import sys

OLDEST_PYTHON = (3, 11)


def newer_python() -> str:
    """The command that runs the same with a Python that is new enough, by what this machine has."""
    arguments = " ".join(map(shlex.quote, ["main.py", *sys.argv[1:]]))
    if shutil.which("uv"):
        return "uv run " + arguments
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        if shutil.which(name) and subprocess.call([name, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return name + " " + arguments
    if shutil.which("brew"):
        return "brew install python@3.12 && python3.12 " + arguments
    if os.name == "nt":
        return "winget install Python.Python.3.12    # then: py -3.12 " + arguments
    return "curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv run " + arguments


def refuse() -> int:
    needed, found = (".".join(map(str, version)) for version in (OLDEST_PYTHON, sys.version_info[:3]))
    what = "localswarm: Local Swarm needs Python {} or newer, and {} is Python {}.\n  {}\n"
    sys.stderr.write(what.format(needed, sys.executable, found, newer_python()))
    return 1


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        return refuse()
    # Python leaves this folder out under `-P` and PYTHONSAFEPATH.
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from bootstrap.start import start

    return start(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
