"""Who may import whom in `src/`: the graph that docs/architecture.md draws."""

import ast
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"

MAY_IMPORT = {
    "chat": set(),
    "errors": set(),
    "settings": {"errors"},
    "state": {"errors"},
    "hardware": {"errors"},
    "mods": {"errors", "chat"},
    "models": {"errors", "settings", "hardware", "chat"},
    "engines": {"errors", "chat", "mods"},
    "dialects": {"errors", "chat"},
    "tools": {"errors", "chat", "settings", "state"},
    "swarm": {"errors", "chat", "settings", "engines", "dialects", "tools"},
    "federation": {"errors", "chat", "settings", "state", "swarm"},
    "api": {"errors", "chat", "settings", "state", "swarm"},
    "cli": {"errors", "settings", "models", "node", "tools"},
}
MAY_IMPORT["node"] = set(MAY_IMPORT) - {"cli"}


def faults(src: Path) -> Iterator[str]:
    for file in sorted(src.rglob("*.py")):
        place = file.relative_to(src)
        part = place.parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        if part not in MAY_IMPORT:
            yield f"{place}: this test does not know the part {part!r}"
            continue
        for line, imported in imports(file, place):
            if imported != part and imported not in MAY_IMPORT[part]:
                yield f"{place}:{line}: {part} may not import {imported}"


def imports(file: Path, place: Path) -> Iterator[tuple[int, str]]:
    """The parts of ours that a file imports, in functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] == "localswarm")
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield from ((node.lineno, name) for name in relative(node, place))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "localswarm":
            yield node.lineno, str(node.module)


def relative(node: ast.ImportFrom, place: Path) -> list[str]:
    base = place.parent.parts[: len(place.parent.parts) + 1 - node.level]
    path = [*base, *(node.module or "").split(".")] if node.module else [*base]
    return [path[0]] if path else [alias.name for alias in node.names]


def test_nobody_imports_what_the_architecture_forbids() -> None:
    assert list(faults(SRC)) == []


def test_planted_faults_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "api/openai/chat.py", "from ...federation.peer import Peer")
    plant(tmp_path, "api/app.py", "from .. import federation\nfrom ..errors import StartError\nfrom . import failures")
    plant(tmp_path, "chat.py", "def later():\n    from .errors import SwarmError")
    plant(tmp_path, "engines/base.py", "import localswarm.chat")
    plant(tmp_path, "helpers/text.py", "")
    plant(tmp_path, "node.py", "from .cli import main\nfrom .api.app import App")
    assert list(faults(tmp_path)) == [
        "api/app.py:1: api may not import federation",
        "api/openai/chat.py:1: api may not import federation",
        "chat.py:2: chat may not import errors",
        "engines/base.py:1: engines may not import localswarm.chat",
        "helpers/text.py: this test does not know the part 'helpers'",
        "node.py:1: node may not import cli",
    ]


def plant(src: Path, name: str, code: str) -> None:
    (src / name).parent.mkdir(parents=True, exist_ok=True)
    (src / name).write_text(code)
