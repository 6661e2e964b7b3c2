"""A search for lines by ripgrep, in the sandbox: many times as quick as our own, which does what it cannot."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..sandbox.bubblewrap import PROJECT_PATH
from ..sandbox.project import Project
from .child import DEEPEST, SKIPPED, printable, shown
from .process import SECONDS, Search
from .wanted import Found, Wanted

PROGRAM = "rg"
HOW = (
    "--json", "--no-config", "--no-ignore", "--hidden", "--no-follow", "--no-messages", "--no-mmap", "--crlf",
    "--sort=path", f"--max-depth={DEEPEST + 1}",
)  # fmt: skip
# Both know these, and mean something else by them.
OTHERWISE = re.compile(r"\[\[|\[\^?\]|&&|--|~~|\\[<>]|\(\?[a-zA-Z]*[xLu]")
# A line with more is not worth its memory.
LONGEST = 2**22


@dataclass(slots=True)
class Heard:
    """What it says, read while it comes."""

    prefix: str
    most: int
    found: list[Found] = field(default_factory=list)
    too_long: bool = False
    _rest: bytearray = field(default_factory=bytearray)

    def take(self, chunk: bytes) -> bool:
        self._rest += chunk
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        for line in lines:
            self.found += found(bytes(line), self.prefix)
        self.too_long = len(rest) > LONGEST
        return len(self.found) <= self.most and not self.too_long


def is_there() -> bool:
    """Where programs in the sandbox find it."""
    place = shutil.which(PROGRAM, path=PROJECT_PATH)
    return place is not None and Path(place).resolve().is_relative_to("/usr")


def can(want: Wanted) -> bool:
    """It would find the same as our own search. Pure."""
    return want.text is not None and not OTHERWISE.search(want.text) and want.files[0] not in "!/"


def command(want: Wanted) -> list[str]:
    """For the folder that it is started in. Pure."""
    assert want.text is not None, "names are not looked for in this way"
    files = [] if want.files == "**" else [f"--glob={want.files}"]
    skipped = [f"--glob=!{name}/" for name in sorted(SKIPPED)]
    ignore = ["--ignore-case"] if want.ignore_case else []
    return [PROGRAM, *HOW, *ignore, *files, *skipped, f"--regexp={want.text}", "./"]


async def search(project: Project, folder: int, want: Wanted) -> Search | None:
    """None: our own has to do it."""
    heard = Heard("" if want.place == "." else f"{want.place}/", want.most)
    ended = await project.look(folder, command(want), SECONDS, heard.take)
    if heard.too_long or (not heard.found and ended.code not in (0, 1, None)):
        return None
    more = len(heard.found) > want.most
    return Search(heard.found[: want.most], more, stopped=ended.code is None and not ended.full)


def found(line: bytes, prefix: str) -> Iterator[Found]:
    """Of one line of its JSON. What else comes by the same way, such as complaints, is none. Pure."""
    try:
        said = json.loads(line)
        if said["type"] != "match":
            return
        data = said["data"]
        path, text = _bytes(data["path"]), _bytes(data["lines"]).split(b"\n")[0].rstrip(b"\r")
        at = len(text[: data["submatches"][0]["start"]].decode("utf-8", "replace"))
    except (ValueError, LookupError, TypeError):
        return
    name = printable(path.decode("utf-8", "surrogateescape").removeprefix("./"))
    yield Found(prefix + name, data["line_number"], shown(text.decode("utf-8", "replace"), at))


def _bytes(said: dict[str, Any]) -> bytes:
    """What is no text comes in another form."""
    return str(said["text"]).encode() if "text" in said else base64.b64decode(said["bytes"])
