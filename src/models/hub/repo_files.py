"""Repositories and the files in them, as users and hubs name them. Pure."""

import re
from pathlib import PurePosixPath

REPO = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def is_repo(name: str) -> bool:
    return bool(REPO.fullmatch(name)) and ".." not in name and "--" not in name


def is_safe(name: str) -> bool:
    """Of a file or a revision: it stays inside its folder, on every system, whatever a hub says."""
    steps = PurePosixPath(name).parts
    return bool(steps) and not name.startswith("/") and ".." not in steps and not set(name) & set("\\:\0")
