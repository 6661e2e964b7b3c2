"""The private environments in `.localswarm/`, and when one counts as made."""

import hashlib
import os
import platform
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from bootstrap.accelerator import QUICK_PRODUCTS, accelerator, everywhere, has_quick_products
from bootstrap.stop import Stop

ROOT = Path(__file__).resolve().parents[1]
PRIVATE = ROOT / ".localswarm"
BUILD_LOCK = "requirements-build.lock"


@dataclass(frozen=True)
class Environment:
    """A folder of packages, the lock file that it follows, and the dependency groups that are in it."""

    name: str
    lock: str
    groups: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return PRIVATE / self.name

    @property
    def scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def stamp(self) -> Path:
        return self.folder / "made-from"

    def is_running(self) -> bool:
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def is_current(self) -> bool:
        """It was made to the end, from these very files, and its Python is still there."""
        try:
            stamp = self.stamp.read_text()
        except OSError:
            return False
        return stamp == self.digest() and self.python.exists()

    def digest(self) -> str:
        """Of all that it depends on; of the checkout's own place too, which the editable install names."""
        machine = f"{sys.version_info.major}.{sys.version_info.minor} {platform.machine()} {ROOT}"
        found = accelerator()
        parts = [read_lock(self.lock), (ROOT / "pyproject.toml").read_text(encoding="utf-8"), machine]
        parts += everywhere()
        parts += [found.name, *found.cmake] if found else []
        parts += [QUICK_PRODUCTS.read_text(encoding="utf-8")] if has_quick_products() else []
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def can_work_here(self) -> bool:
        """The running Python needs no other: it is the private one and up to date, or it has all by itself."""
        if self.is_running():
            return self.is_current()
        return is_this_checkout() and all(map(is_installed, self.requirements()))

    def requirements(self) -> list[str]:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        groups = [project["dependency-groups"][group] for group in self.groups]
        return list(filter(is_for_this_machine, [*project["project"]["dependencies"], *chain.from_iterable(groups)]))


RUN = Environment("env", "requirements.lock", ("model",))
DEV = Environment("dev", "requirements-dev.lock", ("model", "dev"))
BENCH = Environment("bench", "requirements-bench.lock", ("model", "dev", "bench"))


def is_for_this_machine(requirement: str) -> bool:
    """As far as pyproject.toml tells machines apart: `sys_platform == 'x' and platform_machine == 'y'`."""
    facts = {"sys_platform": sys.platform, "platform_machine": platform.machine()}
    return all(facts[name] == value for name, value in re.findall(r"(\w+) == '([^']*)'", requirement.partition(";")[2]))


def is_installed(requirement: str) -> bool:
    """Of the versions only an exact one is compared; for the others the lock files are the measure."""
    name, _, exact = requirement.partition(";")[0].strip().partition("==")
    try:
        found = version(re.split(r"[^\w.-]", name)[0])
    except PackageNotFoundError:
        return False
    return exact in ("", found)


def is_this_checkout() -> bool:
    """`localswarm` is installed, and it is not a copy of another place."""
    spec = find_spec("localswarm")
    places = (spec.submodule_search_locations or []) if spec else []
    ours = (ROOT / "src", ROOT / ".package" / "run" / "localswarm")
    return any(Path(place).resolve() in ours for place in places)


def read_lock(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Stop(f"{name} is missing from the checkout.", f"git checkout -- {name}") from None
