"""Reads the header of a GGUF file: whether it is whole, and all that its fit follows from, before an engine touches it.

Layout: magic, version, counts, then key-value pairs, then one record per tensor, then the tensors' bytes.
"""

import math
import os
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
# Longer arrays are vocabularies: only their length is kept.
LONGEST_ARRAY = 2**12
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9
# ggml's tensor types: weights in one block, bytes of one block.
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36),
}  # fmt: skip
DEFAULT_ALIGNMENT = 32
MOST_ALIGNMENT = 2**20


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    weights: int
    kind: int
    offset: int  # from the beginning of the tensors' bytes
    sizes: tuple[int, ...] = ()  # columns first

    @property
    def bytes(self) -> int:
        """0 for a type that is newer than this list."""
        block, size = BLOCKS.get(self.kind, (1, 0))
        return self.weights // block * size


@dataclass(frozen=True, slots=True)
class Header:
    version: int
    # Arrays of numbers as tuples; of long arrays and of texts only the length, in `lengths`, unless all was read.
    values: dict[str, Any]
    lengths: dict[str, int]
    tensors: tuple[Tensor, ...]
    data: int  # where the tensors' bytes begin

    @property
    def end(self) -> int:
        """The least size of a file that is whole."""
        return self.data + max((tensor.offset + max(1, tensor.bytes) for tensor in self.tensors), default=0)


def check(path: Path, everything: bool = False) -> Header:
    """The header of a whole, readable GGUF file; ModelUnusable says what is wrong with any other.

    `everything`: with the vocabulary.
    """
    if not os.path.exists(path):
        raise ModelUnusable(f"There is no file {path}. Give --model the path of a GGUF file, or of a folder for MLX.")
    if path.is_dir():
        raise ModelUnusable(f"{path} is a folder, but none for MLX. Give --model the path of a GGUF file inside it.")
    size = path.stat().st_size
    if size == 0:
        raise ModelUnusable(f"{path} is empty. Download it again.")
    try:
        with path.open("rb") as file:
            header = read(file, str(path), everything)
    except PermissionError:
        raise ModelUnusable(f"{path} may not be read by this user. Mend it with: chmod +r {path}") from None
    except (struct.error, EOFError):
        raise ModelUnusable(f"{path} ends in the middle of its header. Download it again.") from None
    if header.end > size:
        raise ModelUnusable(f"{path} is cut off: it has {size:,} bytes of at least {header.end:,}. Download it again.")
    return header


def read(file: BinaryIO, name: str, everything: bool = False) -> Header:
    """The header at the beginning of these bytes; EOFError or struct.error where they end too early."""
    return _Reader(file, name, everything).header()


class _Reader:
    def __init__(self, file: BinaryIO, name: str, everything: bool) -> None:
        self._file = file
        self._name = name
        self._everything = everything
        self._lengths: dict[str, int] = {}

    def header(self) -> Header:
        if self._file.read(4) != MAGIC:
            raise ModelUnusable(f"{self._name} is not a GGUF file. Give --model a file in GGUF format.")
        version = self._scalar("I")
        if version not in VERSIONS:
            raise ModelUnusable(f"{self._name} has GGUF version {version}; {VERSIONS[0]} to {VERSIONS[-1]} are known.")
        tensors = self._bounded(self._scalar("Q"), MOST_TENSORS)
        pairs = self._bounded(self._scalar("Q"), MOST_PAIRS)
        values = {}
        for _ in range(pairs):
            key = self._text()
            value = self._value(key, self._scalar("I"))
            if value is not None:
                values[key] = value
        found = tuple(self._tensor() for _ in range(tensors))
        alignment = values.get("general.alignment") or DEFAULT_ALIGNMENT
        if not isinstance(alignment, int) or not 0 < alignment <= MOST_ALIGNMENT:
            raise self._damaged()
        return Header(version, values, self._lengths, found, -(-self._file.tell() // alignment) * alignment)

    def _tensor(self) -> Tensor:
        name = self._text()
        sizes = tuple(self._scalar("Q") for _ in range(self._bounded(self._scalar("I"), 8)))
        return Tensor(name, math.prod(sizes), self._scalar("I"), self._scalar("Q"), sizes)

    def _value(self, key: str, kind: int) -> Any:
        if kind == TEXT:
            return self._text()
        if kind == ARRAY:
            return self._array(key)
        if kind not in SCALARS:
            raise self._damaged()
        return self._scalar(SCALARS[kind])

    def _array(self, key: str) -> tuple[Any, ...] | None:
        kind, count = self._scalar("I"), self._bounded(self._scalar("Q"), LONGEST_TEXT)
        self._lengths[key] = count
        if kind == TEXT:
            if self._everything:
                return tuple(self._text() for _ in range(count))
            for _ in range(count):
                self._skip(self._bounded(self._scalar("Q"), LONGEST_TEXT))
            return None
        if kind not in SCALARS:
            raise self._damaged()
        code = SCALARS[kind]
        if count > LONGEST_ARRAY and not self._everything:
            self._skip(struct.calcsize("<" + code) * count)
            return None
        return struct.unpack(f"<{count}{code}", self._take(count * struct.calcsize("<" + code)))

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
        return ModelUnusable(f"{self._name} has a damaged header. Download it again.")
