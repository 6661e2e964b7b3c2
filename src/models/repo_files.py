"""Repositories and the files in them, as users and hubs name them. Pure."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from .card import ModelFile

REPO = re.compile(r"\w[\w.-]*/\w[\w.-]*")
PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
MOST_PARTS = 1000  # a name is no reason to look for more files than this


def is_repo(name: str) -> bool:
    return bool(REPO.fullmatch(name)) and ".." not in name and "--" not in name


def is_safe(name: str) -> bool:
    """Of a file or a revision: it stays inside its folder, on every system, whatever a hub says."""
    steps = PurePosixPath(name).parts
    return bool(steps) and not name.startswith("/") and ".." not in steps and not set(name) & set("\\:\0")


def parts(name: str) -> tuple[str, ...]:
    """All files of the model that this one belongs to, in order: `name-00001-of-00003.gguf` is one of three."""
    found = PART.fullmatch(name)
    if not found or not 1 <= int(found["count"]) <= MOST_PARTS:
        return (name,)
    return tuple(f"{found['stem']}-{n:05}-of-{found['count']}.gguf" for n in range(1, int(found["count"]) + 1))


def gguf_models(files: Sequence[ModelFile]) -> list[tuple[ModelFile, ...]]:
    """The models of a repository, each with all its parts; one that lacks a part is none."""
    by_name = {file.name: file for file in files}
    firsts = [name for name in by_name if name.endswith(".gguf") and parts(name)[0] == name]
    return [tuple(by_name[part] for part in parts(name)) for name in firsts if set(parts(name)) <= set(by_name)]
