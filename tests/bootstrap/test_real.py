"""The real thing, in a copy of the checkout: the real uv, the real packages, the real command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("UV_CACHE_DIR", ROOT / ".localswarm" / "cache"))
IN_CI = os.environ.get("CI") == "true"

has_compiled = any(CACHE.glob("sdists-*/*/llama-cpp-python/*/*/*.whl"))


def copy_checkout(target: Path) -> None:
    """What a clone of the working tree as it stands would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name, follow_symlinks=False)


def path_of_the_user() -> str:
    """With the uv that filled the cache: another version would not find what that one compiled."""
    ours = os.environ["PATH"].split(os.pathsep)
    users = os.pathsep.join(folder for folder in ours if Path(folder) != Path(sys.executable).parent)
    return users if shutil.which("uv", path=users) else os.environ["PATH"]


@pytest.mark.skipif(not has_compiled and not IN_CI, reason="compiles for minutes: run `python main.py dev test` once")
@pytest.mark.timeout(1200)
def test_from_a_fresh_copy_to_the_command_line(tmp_path: Path) -> None:
    copy_checkout(tmp_path)
    base = getattr(sys, "_base_executable", sys.executable)
    settings = {**os.environ, "UV_CACHE_DIR": str(CACHE), "PATH": path_of_the_user()}
    ended = subprocess.run([base, "main.py", "--version"], cwd=tmp_path, env=settings, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("Local Swarm "), ended.stdout
    assert "Ready after" in ended.stderr
