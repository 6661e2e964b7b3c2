"""What is obeyed later in repositories and projects deeper within a project."""

import os
from pathlib import Path

import pytest
from localswarm.tools.executors.run import bash
from localswarm.tools.files import Root
from localswarm.tools.sandbox import NoSandbox
from localswarm.tools.sandbox.landlock.walls import Landlock
from localswarm.tools.sandbox.namespaces import Namespaces
from localswarm.tools.sandbox.nested import changed, nested
from localswarm.tools.sandbox.project import Kind, find
from localswarm.tools.texts import Texts
from localswarm.tools.tool import Tool

from ..conftest import Calling

THERE = ("sub/.git/hooks/sample", "sub/.git/config", "sub/.git/HEAD", "sub/.vscode/tasks.json", "a/b/.envrc",
         "own.git/config", ".bare/hooks/sample", "sub/code.py")  # fmt: skip


@pytest.fixture(autouse=True)
def there(project: Path) -> None:
    for path in THERE:
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text("as it was\n")
    if os.geteuid() == 0:
        for each in project.rglob("*"):
            os.chown(each, 65534, 65534)


@pytest.fixture(params=[Namespaces, Landlock], ids=["bubblewrap", "landlock"])
async def shell(request: pytest.FixtureRequest, root: Root, tmp_path: Path, texts: Texts) -> Tool:
    kind: Kind = request.param
    try:
        return bash(await find(root, [kind]), tmp_path, texts)
    except NoSandbox as error:
        if "CI" in os.environ:
            raise
        pytest.skip(error.message)


@pytest.mark.parametrize(
    "command, path",
    [
        ("echo x > sub/.git/hooks/pre-commit", "sub/.git/hooks"),
        ("echo x >> sub/.git/hooks/sample", "sub/.git/hooks"),
        ("echo x > sub/.git/config", "sub/.git/config"),
        ("rm sub/.git/config; echo x > sub/.git/config", "sub/.git/config"),
        ("mv sub/.git sub/old; mkdir -p sub/.git/hooks; echo x > sub/.git/hooks/x", "sub/.git"),
        ("mv sub old; mkdir -p sub/.git/hooks; echo x > sub/.git/hooks/x", "sub/.git"),
        ("echo x >> sub/.vscode/tasks.json", "sub/.vscode"),
        ("mkdir -p deep/er/.vscode; echo x > deep/er/.vscode/tasks.json", "deep/er/.vscode"),
        ("echo x > a/b/.envrc", "a/b/.envrc"),
        ("mv a/b/.envrc sub/.envrc", "sub/.envrc"),
        ("ln -s ../code.py sub/.envrc", "sub/.envrc"),
        ("echo x > .bare/config", ".bare/config"),
        ("echo x >> own.git/config", "own.git/config"),
        ("mkdir -p sub/.claude/x; chmod 500 sub", "sub/.claude"),
    ],
)
async def test_what_a_program_makes_of_it_is_not_obeyed(
    shell: Tool, project: Path, call: Calling, command: str, path: str
) -> None:
    done = await call(shell, command=f"{command}; true")
    assert f"{path} was renamed: it would be obeyed later" in done.content
    assert not (project / path).exists() and not (project / path).is_symlink()
    assert [*(project / path).parent.glob(f"{Path(path).name}.not-obeyed-*")]


@pytest.mark.parametrize(
    "command",
    ["true", "echo x > sub/code.py; echo x > sub/.git/HEAD", "mv sub other; ls other", "mv a/b c", "chmod 700 sub/.git",
     "cat sub/.git/config a/b/.envrc", "rm -r sub/.git", "touch sub/.git/index; mkdir sub/.git/refs"],
)  # fmt: skip
async def test_the_rest_stays_as_it_is(shell: Tool, project: Path, call: Calling, command: str) -> None:
    assert "renamed" not in (await call(shell, command=command)).content
    assert not [*project.rglob("*.not-obeyed-*")]  # noqa: ASYNC240


def test_a_folder_that_nobody_can_look_into(root: Root, project: Path) -> None:
    before = nested(root)
    (project / "new" / ".vscode").mkdir(parents=True)
    (project / "new").chmod(0o311)
    found = [*changed(before, nested(root))]
    assert found == (["new/.vscode"] if os.geteuid() == 0 else ["new"])
    (project / "new").chmod(0o700)


def test_a_large_project_is_looked_through_quickly(root: Root, project: Path) -> None:
    deep = project
    for _ in range(100):
        deep = deep / "folder"
        deep.mkdir()
    (deep / ".envrc").write_text("")
    assert f"{'folder/' * 100}.envrc" in nested(root)
