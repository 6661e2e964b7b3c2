"""What models are told about the tools: the files of `config/prompts/tools/`, which are not code."""

import copy
from pathlib import Path
from typing import Any

SEPARATOR = "\n---\n"


class Texts:
    """A file holds what the tool is for, a line of `---`, and a line `name: what it means` for each argument."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, tool: str, schema: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The description, and the schema with those of the arguments in it."""
        said = (self._folder / f"{tool}.txt").read_text(encoding="utf-8")
        description, _, rest = said.partition(SEPARATOR)
        arguments = dict(line.split(": ", 1) for line in rest.splitlines() if line.strip())
        full = copy.deepcopy(schema)
        for name, one in full["properties"].items():
            one["description"] = arguments[name]
        return description.strip(), full | {"additionalProperties": False}
