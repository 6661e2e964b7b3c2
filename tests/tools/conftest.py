"""A project for the tools to work in, and the means to call one of them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from localswarm.tools.files import Root
from localswarm.tools.texts import Texts
from localswarm.tools.tool import Caller, Output, Scope, Tool, ToolFailed

PROMPTS = Path(__file__).parents[2] / "config" / "prompts"
# Programs of root run as whom the project belongs to.
SOMEBODY = 65534


@pytest.fixture
def texts() -> Texts:
    return Texts(PROMPTS / "tools")


@pytest.fixture
def project() -> Iterator[Path]:
    """Not in pytest's own folder: that is closed to the user that root's sandbox runs as."""
    folder = Path(tempfile.mkdtemp(prefix="project-")).resolve()
    if os.geteuid() == 0:
        os.chown(folder, SOMEBODY, SOMEBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def root(project: Path) -> Iterator[Root]:
    opened = Root(project)
    yield opened
    opened.close()


@pytest.fixture
def outputs(tmp_path: Path) -> Iterator[Root]:
    (tmp_path / "outputs").mkdir()
    opened = Root(tmp_path / "outputs")
    yield opened
    opened.close()


@dataclass
class Calling:
    """Calls a tool as the host does, with everything permitted but `forbidden`; keeps what was asked about."""

    forbidden: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def permit(self, path: str) -> None:
        self.asked.append(path)
        if path in self.forbidden:
            raise ToolFailed(f"{path} is forbidden.")

    async def __call__(self, tool: Tool, **arguments: Any) -> Output:
        assert tool.run
        return await tool.run(arguments, Scope(Caller("me"), self.permit))


@pytest.fixture
def call() -> Calling:
    return Calling()
