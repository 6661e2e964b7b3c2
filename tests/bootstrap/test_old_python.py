"""A Python that is too old says so; it does not show a traceback."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLD = [f"3.{minor}" for minor in range(6, 11)]


def candidates(version: str) -> list[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [Path(path)] if (path := shutil.which(f"python{version}")) else []
    return [*pyenv.glob(f"versions/{version}.*/bin/python"), *found]


def works(python: Path, version: str) -> bool:
    """The name alone is no proof: pyenv puts a stand-in for every version onto PATH."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip() == version


OLD_PYTHONS = [python for version in OLD for python in candidates(version)[:1] if works(python, version)]


def test_main_keeps_to_the_syntax_of_python_3_6() -> None:
    ast.parse((ROOT / "main.py").read_text(), feature_version=(3, 6))


def test_main_and_pyproject_ask_for_the_same_python() -> None:
    import main

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, main.OLDEST_PYTHON))


@pytest.mark.skipif(not OLD_PYTHONS, reason="no Python from 3.6 to 3.10 on PATH or in pyenv")
@pytest.mark.parametrize("python", OLD_PYTHONS, ids=str)
def test_an_old_python_names_the_command_that_works(python: Path, tmp_path: Path) -> None:
    ended = start_with(python, tmp_path)
    assert "curl" in ended and "uv run main.py --auto --port 80" in ended
    (tmp_path / "python3.12").symlink_to(sys.executable)
    assert start_with(python, tmp_path).endswith("\n  python3.12 main.py --auto --port 80\n")
    (tmp_path / "uv").symlink_to("/bin/true")
    assert start_with(python, tmp_path).endswith("\n  uv run main.py --auto --port 80\n")


def start_with(python: Path, path: Path) -> str:
    command = [str(python), str(ROOT / "main.py"), "--auto", "--port", "80"]
    ended = subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("localswarm: Local Swarm needs Python 3.11 or newer, and ")
    assert "Traceback" not in ended.stderr
    return ended.stderr
