"""Brings the bytes of one file that are missing, from neighbours and from the hub, and goes on where it stopped."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import FileIO

from .hub import Hub, Remote
from .neighbours import Copy
from .places import Pace, Place, Places
from .progress import Meter, Watch
from .refusals import DownloadFailed, unreachable


@dataclass(slots=True)
class Taking:
    hub: Hub
    remote: Remote
    file: FileIO
    meter: Meter
    watch: Watch
    places: Places
    lent: list[Copy] = field(default_factory=list)  # those whose bytes are in the file
    clock: Callable[[], float] = time.monotonic

    def complete(self) -> None:
        """Go on until all bytes are here. Only failures that bring no byte count as failures in a row."""
        failures = 0
        while (have := self.file.tell()) < self.remote.bytes:
            place = self.places.best()
            if place.copy:
                self._borrow(place, place.copy)
                continue
            try:
                self._download(place)
            except DownloadFailed as error:
                self.places.failed(place, self.file.tell() - have)
                if self.places.best() is not place:
                    continue
                failures = 0 if self.file.tell() > have else failures + 1
                if failures >= self.hub.patience.attempts:
                    raise
                self.hub.patience.bear(error, failures)

    def _borrow(self, place: Place, copy: Copy) -> None:
        have = self.file.tell()
        if not place.breaks:
            self.watch.notice(f"Taking {self.remote.asked.name} from {copy.holder}, a machine of this swarm.")
        self.meter.come_from(copy.holder)
        left = self._take(place, copy.read(have, self.remote.bytes))
        brought = self.file.tell() - have
        if brought and copy not in self.lent:
            self.lent.append(copy)
        if not left and self.file.tell() < self.remote.bytes:
            self.places.failed(place, brought)

    def _download(self, place: Place) -> None:
        self.meter.come_from("")
        with self.hub.body(self.remote, self.file.tell()) as body:
            if body.begin != self.file.tell():
                self.file.truncate(body.begin)
                self.file.seek(body.begin)
            left = self._take(place, body.chunks)
        if not left and self.file.tell() < self.remote.bytes:
            raise unreachable(self.remote.asked, "the connection was cut")

    def _take(self, place: Place, chunks: Iterable[bytes]) -> bool:
        """Whether it was left for a better one."""
        pace = Pace(self.clock())
        for chunk in chunks:
            _write(self.file, chunk[: self.remote.bytes - self.file.tell()])
            self.meter.at(self.file.tell())
            speed = pace.at(self.clock(), len(chunk))
            if speed is not None and self.places.is_left(place, speed):
                return self.file.tell() < self.remote.bytes
        return False


def _write(file: FileIO, data: bytes) -> None:
    """All of it: a disk that is nearly full takes a part without an error."""
    while data:
        data = data[file.write(data) :]
