"""The packages hold the tree: hatchling has once built a wheel without any code, and said nothing."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

NOT_PACKAGED = {"__pycache__", ".DS_Store"}


def build(kind: str, checkout: Path, target: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(target)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (package,) = target.iterdir()
    return package


def files(folder: Path) -> set[str]:
    """Of one folder of the checkout, with that folder's own name in front."""
    found = (path for path in folder.rglob("*") if path.is_file() and not NOT_PACKAGED & set(path.parts))
    return {str(path.relative_to(ROOT)) for path in found}


def in_wheel(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpacked, as its receiver has it."""
    packed, unpacked = tmp_path_factory.mktemp("packed"), tmp_path_factory.mktemp("unpacked")
    subprocess.run(["tar", "-xf", build("sdist", ROOT, packed), "-C", unpacked], check=True)
    (root,) = unpacked.iterdir()
    return root


def test_the_wheel_is_the_tree(wheel: Path) -> None:
    code = {name.replace("src/", "localswarm/", 1) for name in files(ROOT / "src")}
    config = {f"localswarm/{name}" for name in files(ROOT / "config")}
    assert in_wheel(wheel) == code | config
    assert "localswarm/cli/main.py" in code


def test_the_wheel_has_the_command_and_the_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    texts = {
        name.rsplit("/", 1)[-1]: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name
    }
    assert "localswarm = localswarm.cli.main:main" in texts["entry_points.txt"]
    assert "Apache License" in texts["LICENSE"]


@pytest.mark.parametrize("folder", ["src", "config", "tests", "docs", "bootstrap", ".package/run"])
def test_the_sdist_has_every_folder_in_full(sdist: Path, folder: str) -> None:
    assert {name for name in files(ROOT / folder) if not (sdist / name).exists()} == set()


@pytest.mark.parametrize("file", ["main.py", "pyproject.toml", "README.md", "LICENSE", ".gitignore"])
def test_the_sdist_has_the_files_beside_them(sdist: Path, file: str) -> None:
    assert (sdist / file).read_bytes() == (ROOT / file).read_bytes()


def test_the_sdist_can_set_itself_up(sdist: Path) -> None:
    assert {path.name for path in sdist.glob("*.lock")} == {path.name for path in ROOT.glob("requirements*.lock")}


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    assert in_wheel(build("wheel", sdist, tmp_path)) == in_wheel(wheel)
