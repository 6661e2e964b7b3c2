"""The real agents, from npm, as package-lock.json pins them: outside this repository, once for each lock file."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PINNED = ("package.json", "package-lock.json")
# About 1.7 GB, which nobody wants on a laptop without having said so.
FOLDER_VARIABLE = "LOCALSWARM_TEST_AGENTS"
INSTALL_SECONDS = 600
STAMP = "installed"


def programs() -> Path:
    """The folder of their commands. Where they are not and may not be: skipped, or in CI a failure."""
    folder = _folder()
    if not (folder / STAMP).exists():
        _install(folder)
    return folder / "node_modules" / ".bin"


def _folder() -> Path:
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PINNED)).hexdigest()[:16]
    said = os.environ.get(FOLDER_VARIABLE)
    if not said and not os.environ.get("CI"):
        pytest.skip(f"{FOLDER_VARIABLE}=FOLDER installs the agents from npm there (1.7 GB), and tests them")
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "localswarm-tests"
    return (Path(said) if said else usual) / f"agents-{digest}"


def _install(folder: Path) -> None:
    # Not `ci`: it takes offence at optional packages for other systems that were never published.
    npm = _npm()
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
    # What packages run while they are installed looks for node there.
    variables = os.environ | {"PATH": f"{Path(npm).parent}{os.pathsep}{os.environ['PATH']}"}
    folder.mkdir(parents=True, exist_ok=True)
    for name in PINNED:
        shutil.copy(HERE / name, folder)
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    assert done.returncode == 0, done.stderr[:2000]
    (folder / STAMP).touch()


def _npm() -> str:
    """On the path, or in the environment of these tests, where a package of PyPI puts it."""
    beside = Path(sys.executable).parent
    if npm := shutil.which("npm") or shutil.which("npm", path=str(beside)):
        return npm
    missing = "npm is missing, and the agents come from there: install Node.js"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
