"""Server-sent events out of the bytes that come in, with a bound for what one of them may take. Pure."""

from collections.abc import Iterator

# A whole answer in one event is a few hundred thousand bytes; what is longer is no answer.
MOST_BYTES = 8 * 2**20


class TooLong(Exception):
    """A line, or an event of several lines, without an end."""


class Events:
    """Bytes in, the data of whole events out. Comments, names and ids of events carry nothing for us."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._rest: list[bytes] = []  # of a line whose end is still to come
        self._size = 0
        self._data: list[bytes] = []

    def feed(self, some: bytes) -> Iterator[bytes]:
        *lines, rest = some.split(b"\n")
        for line in lines:
            self._count(len(line))
            if self._rest:
                self._rest.append(line)
                line = b"".join(self._rest)
                self._rest.clear()
            yield from self._line(line.removesuffix(b"\r"))
        if rest:
            self._count(len(rest))
            self._rest.append(rest)

    def finish(self) -> Iterator[bytes]:
        """A last event that was not ended by an empty line."""
        if self._rest:
            yield from self._line(b"".join(self._rest))
            self._rest.clear()
        yield from self._line(b"")

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._most:
            raise TooLong

    def _line(self, line: bytes) -> Iterator[bytes]:
        if not line:
            self._size = 0
            if self._data:
                data, self._data = self._data, []
                yield b"\n".join(data)
        elif line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
