"""What a search is asked for and what it finds, as lines of JSON. Pure."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Files whose path matches `files`; with `text`, the lines in them that match it. `place`: where the folder or file
    that is looked through lies, relative to the root."""

    place: str
    files: str = "**"
    text: str | None = None
    ignore_case: bool = False
    most: int = 200

    def line(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Found:
    path: str = ""
    line: int = 0
    text: str = ""
    wrong: str = ""  # with the pattern or the expression: nothing was looked for

    def as_line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def wanted(line: str) -> Wanted:
    return Wanted(**json.loads(line))


def found(line: str | bytes) -> Found:
    return Found(**json.loads(line))
