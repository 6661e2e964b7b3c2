"""A checkout in a folder of its own, with the real main.py and a command line that only says how it was called."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAKE_UV = Path(__file__).with_name("fake_uv.py")

REAL = ["main.py", "bootstrap", ".package/run", "pyproject.toml", "requirements.lock", "requirements-dev.lock"]
REAL += ["requirements-build.lock", "requirements-bench.lock"]

COMMAND_LINE = """
import json, sys

def main(arguments):
    print(json.dumps([arguments, sys.prefix]))
    return 7
"""

PATIENCE = 30  # seconds for something that takes less than one on an idle machine.


class Checkout:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.programs = folder / "programs"
        self.environment = self.root / ".localswarm" / "env"
        self.stamp = self.environment / "made-from"
        self._copy_project()
        self._add_programs()

    def _copy_project(self) -> None:
        for name in REAL:
            source, target = ROOT / name, self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, target)
        for package in ("src", "src/cli"):
            (self.root / package).mkdir()
            (self.root / package / "__init__.py").touch()
        (self.root / "src/cli/main.py").write_text(COMMAND_LINE)

    def _add_programs(self) -> None:
        """The only folder on PATH, so that nothing of the machine is found by chance."""
        self.programs.mkdir()
        shutil.copy(FAKE_UV, self.programs / "fake_uv.py")
        self.add_program("uv", f'#!/bin/sh\nexec "{sys.executable}" "{self.programs / "fake_uv.py"}" "$@"\n')
        for compiler in ("cc", "c++"):
            self.add_program(compiler, "#!/bin/sh\n")

    def add_program(self, name: str, script: str) -> None:
        file = self.programs / name
        file.write_text(script)
        file.chmod(0o755)

    def tell_uv(self, name: str, text: str = "") -> None:
        (self.programs / name).write_text(text)

    def forget(self, name: str) -> None:
        (self.programs / name).unlink()

    def uv_calls(self) -> list[list[str]]:
        file = self.programs / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def settings(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "PATH": str(self.programs), **more}

    def start(self, *arguments: str, python: str | Path = sys.executable, **more: str) -> "Started":
        command = [str(python), str(self.root / "main.py"), *arguments]
        return Started(command, self.settings(**more), self.root.parent)

    def run(self, *arguments: str, python: str | Path = sys.executable, **more: str) -> "Started":
        started = self.start(*arguments, python=python, **more)
        started.wait()
        return started


class Started:
    """A running or finished `main.py`, its output in files that can be read while it runs."""

    count = 0

    def __init__(self, command: list[str], settings: dict[str, str], folder: Path) -> None:
        Started.count += 1
        self._out = folder / f"out{Started.count}"
        self._err = folder / f"err{Started.count}"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(command, env=settings, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.err, f"{text!r} in {self._err}")


def until(happens: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.05)
