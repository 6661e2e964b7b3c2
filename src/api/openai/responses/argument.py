"""The text inside `{"input": "..."}`, read while it comes. Pure."""

import json
import re

from .toolbox import INPUT

OPENING = re.compile(rf'\s*{{\s*"{INPUT}"\s*:\s*"')
# Characters and whole escapes; a character in two escapes only with both of them.
WHOLE = re.compile(
    r"""(?:[^"\\]+|\\["\\/bfnrt]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"""
    r"""|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"""
)


class TextArgument:
    def __init__(self) -> None:
        self._rest = ""
        self._inside = False
        self._ended = False

    def feed(self, more: str) -> str:
        """What this adds to the text."""
        if self._ended:
            return ""
        self._rest += more
        if not self._inside and not self._open():
            return ""
        found = WHOLE.match(self._rest)
        assert found is not None
        self._rest = self._rest[found.end() :]
        self._ended = self._rest.startswith('"')
        return str(json.loads(f'"{found.group()}"', strict=False))

    def _open(self) -> bool:
        found = OPENING.match(self._rest)
        if found:
            self._rest = self._rest[found.end() :]
            self._inside = True
        return self._inside


def text_of(arguments: str) -> str:
    return TextArgument().feed(arguments)
