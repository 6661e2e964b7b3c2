"""Where a JSON value ends, in text that comes in pieces."""

import re

OUTSIDE = re.compile(r'["{}\[\]]')
INSIDE = re.compile(r'["\\]')


class JsonEnd:
    """Counts brackets outside of strings, and checks nothing else. `depth`: brackets that were opened before."""

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth
        self._quoted = False
        self._escaped = False

    def feed(self, text: str) -> int:
        """The place behind the last bracket, or -1 where it has not come yet."""
        at = 1 if self._escaped and text else 0
        self._escaped = self._escaped and not text
        while found := (INSIDE if self._quoted else OUTSIDE).search(text, at):
            at = found.end()
            match found.group():
                case "\\":
                    self._escaped = at == len(text)
                    at += 1
                case '"':
                    self._quoted = not self._quoted
                case "{" | "[":
                    self._depth += 1
                case _:
                    self._depth -= 1
                    if self._depth <= 0:
                        return at
        return -1
