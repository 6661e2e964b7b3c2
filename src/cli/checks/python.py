"""Python, and the packages that we run on."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from .finding import Finding, Situation, fail, ok

OLDEST = (3, 11)
SET_UP_AGAIN = "Delete the folder .localswarm and run: python main.py --auto"


def check_python(situation: Situation) -> Finding:
    said = f"{platform.python_implementation()} {platform.python_version()} on {platform.machine()}"
    if sys.version_info < OLDEST:
        return fail(f"{said} is too old", f"Install Python {'.'.join(map(str, OLDEST))} or newer")
    if sys.maxsize < 2**32:
        return fail(f"{said} has 32 bits, and cannot hold a model", "Install a Python of 64 bits")
    return ok(said)


def check_packages(situation: Situation) -> Finding:
    wrong = list(wrong_packages(requires("localswarm") or []))
    if wrong:
        return fail(f"{', '.join(wrong)} in {sys.prefix}", SET_UP_AGAIN)
    return ok(f"localswarm {version('localswarm')} in {sys.prefix}")


def wrong_packages(wanted: list[str]) -> Iterator[str]:
    """Of the versions only exact ones are compared: the lock files are the measure for all others."""
    for requirement in wanted:
        plain, _, condition = requirement.partition(";")
        name, _, exact = plain.strip().partition("==")
        name = re.split(r"[^\w.-]", name)[0]
        if condition:
            continue
        try:
            found = version(name)
        except PackageNotFoundError:
            yield f"{name} is missing"
        else:
            if exact not in ("", found):
                yield f"{name} is {found} instead of {exact}"
