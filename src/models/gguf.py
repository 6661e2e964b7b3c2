"""Reads the header of a GGUF file: enough to say whether it is whole before an engine touches it.

Layout: magic, version, counts, then key-value pairs, then one record per tensor, then the tensors' bytes.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import ModelUnusable

MAGIC = b"GGUF"
VERSIONS = (2, 3)
# Sanity bounds: a damaged header must not make us allocate gigabytes.
MOST_PAIRS = 2**20
MOST_TENSORS = 2**20
LONGEST_TEXT = 2**26
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9
DEFAULT_ALIGNMENT = 32


@dataclass(frozen=True, slots=True)
class Header:
    version: int
    values: dict[str, Any]  # without arrays: vocabularies are large and not needed here
    tensors: int
    last_offset: int  # where the last tensor begins in the file


def check(path: Path) -> Header:
    """The header of a whole, readable GGUF file; ModelUnusable says what is wrong with any other."""
    if not path.exists():
        raise ModelUnusable(f"There is no file {path}. Give --model the path of a GGUF file.")
    if path.is_dir():
        raise ModelUnusable(f"{path} is a folder. Give --model the path of a GGUF file inside it.")
    size = path.stat().st_size
    if size == 0:
        raise ModelUnusable(f"{path} is empty. Download it again.")
    try:
        with path.open("rb") as file:
            header = _Reader(file, path).header()
    except PermissionError:
        raise ModelUnusable(f"{path} may not be read by this user. Mend it with: chmod +r {path}") from None
    except (struct.error, EOFError):
        raise ModelUnusable(f"{path} ends in the middle of its header. Download it again.") from None
    if header.last_offset >= size:
        raise ModelUnusable(
            f"{path} is cut off: it has {size:,} bytes, and its last tensor would begin at byte "
            f"{header.last_offset:,}. Download it again."
        )
    return header


class _Reader:
    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def header(self) -> Header:
        if self._file.read(4) != MAGIC:
            raise ModelUnusable(f"{self._path} is not a GGUF file. Give --model a file in GGUF format.")
        version = self._scalar("I")
        if version not in VERSIONS:
            raise ModelUnusable(f"{self._path} has GGUF version {version}; {VERSIONS[0]} to {VERSIONS[-1]} are known.")
        tensors = self._bounded(self._scalar("Q"), MOST_TENSORS)
        pairs = self._bounded(self._scalar("Q"), MOST_PAIRS)
        values = {}
        for _ in range(pairs):
            key = self._text()
            value = self._value(self._scalar("I"))
            if value is not None:
                values[key] = value
        offsets = [self._tensor() for _ in range(tensors)]
        alignment = values.get("general.alignment", DEFAULT_ALIGNMENT) or DEFAULT_ALIGNMENT
        data = -(-self._file.tell() // alignment) * alignment
        return Header(version, values, tensors, data + max(offsets, default=0))

    def _tensor(self) -> int:
        self._text()
        self._skip(8 * self._bounded(self._scalar("I"), 8))
        self._scalar("I")
        return int(self._scalar("Q"))

    def _value(self, kind: int) -> Any:
        if kind == TEXT:
            return self._text()
        if kind == ARRAY:
            self._skip_array()
            return None
        if kind not in SCALARS:
            raise self._damaged()
        return self._scalar(SCALARS[kind])

    def _skip_array(self) -> None:
        kind, count = self._scalar("I"), self._scalar("Q")
        if kind == TEXT:
            for _ in range(self._bounded(count, LONGEST_TEXT)):
                self._skip(self._bounded(self._scalar("Q"), LONGEST_TEXT))
        elif kind in SCALARS:
            self._skip(struct.calcsize("<" + SCALARS[kind]) * self._bounded(count, LONGEST_TEXT))
        else:
            raise self._damaged()

    def _text(self) -> str:
        return self._take(self._bounded(self._scalar("Q"), LONGEST_TEXT)).decode("utf-8", "replace")

    def _scalar(self, code: str) -> Any:
        return struct.unpack("<" + code, self._take(struct.calcsize("<" + code)))[0]

    def _take(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _skip(self, count: int) -> None:
        self._file.seek(count, 1)

    def _bounded(self, value: int, most: int) -> int:
        if value > most:
            raise self._damaged()
        return value

    def _damaged(self) -> ModelUnusable:
        return ModelUnusable(f"{self._path} has a damaged header. Download it again.")
