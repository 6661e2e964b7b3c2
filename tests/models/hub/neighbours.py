"""Neighbours that do as a test says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(eq=False)
class FakeCopy:
    data: bytes
    holder: str = "den (192.168.1.7)"
    brings: int = 2**40  # bytes in each go, before it fails
    goes: int = 2**40  # after which nothing comes at all
    chunk: int = 64 * 1024
    asked: list[int] = field(default_factory=list)  # where each read began
    rejected: bool = False

    def read(self, begin: int, end: int) -> Iterator[bytes]:
        self.asked.append(begin)
        stop = min(end, begin + self.brings) if len(self.asked) <= self.goes else begin
        for at in range(begin, stop, self.chunk):
            yield self.data[at : min(stop, at + self.chunk)]

    def reject(self) -> None:
        self.rejected = True


class Street:
    def __init__(self, *copies: FakeCopy) -> None:
        self.all = copies

    def copies(self, digest: str, size: int) -> Sequence[FakeCopy]:
        return [copy for copy in self.all if not copy.rejected and len(copy.data) == size]
