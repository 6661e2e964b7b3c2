"""The tools that a host has by itself."""

from pathlib import Path

from .executors.edit import edit
from .executors.glob import glob
from .executors.grep import grep
from .executors.listing import listing
from .executors.question import question
from .executors.read import read
from .executors.run import bash, python
from .executors.skill import skill
from .executors.todo import todo
from .executors.webfetch import webfetch
from .executors.write import write
from .files import Root, RootUnusable
from .sandbox.project import Project
from .texts import Texts
from .tool import Tool
from .web.fetching import Web

OUTPUTS = "tool-outputs"


def standard(root: Root, outputs: Root, prompts: Path, project: Project | None, web: Web) -> list[Tool]:
    """`outputs`: a folder of the state's, for what `bash` says too much of. `prompts`: `config/prompts`. Without a
    sandbox nothing is run and nothing is changed."""
    texts = Texts(prompts / "tools")
    looking = [read(root, outputs, texts), listing(root, texts), glob(root, texts), grep(root, texts, project)]
    changing = [write(root, texts), edit(root, texts)]
    running = [bash(project, outputs.folder, texts), python(project, outputs.folder, texts)] if project else []
    rest = [webfetch(web, texts), *todo(texts), question(texts), skill(prompts / "skills", texts)]
    return [*looking, *(changing if project else ()), *running, *rest]


def check_root(folder: Path, state: Path, home: Path) -> None:
    """RootUnusable for a folder whose files are more than one project's."""
    folder, state, home = folder.resolve(), state.resolve(), home.resolve()
    if home.is_relative_to(folder):
        raise RootUnusable(f"{folder} is more than a project: your own folders lie in it. Name a project: --root DIR")
    if state.is_relative_to(folder) or folder.is_relative_to(state):
        raise RootUnusable(f"The keys of this node ({state}) and {folder} lie in one another. Name another: --root DIR")
    if folder.parts[1:2] and folder.parts[1] in SYSTEM:
        raise RootUnusable(f"{folder} belongs to the system. Name a project: --root DIR")


SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "usr", "System", "Library")
