"""The format of files of weights: the length of a header, the header in JSON, then the bytes of all tensors."""

import json
import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import ModelUnusable

LENGTH = struct.Struct("<Q")
# A damaged length must not make us read gigabytes; the format's own limit.
LONGEST_HEADER = 100_000_000
ALIGNMENT = 8
NOTES = "__metadata__"
# Bits of one number.
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64,
    "F16": 16, "BF16": 16, "F32": 32, "F64": 64, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.numbers * BITS[self.dtype] // 8


def read(file: BinaryIO, size: int, name: str, mend: str) -> list[Entry]:
    """What is in a whole file of this size; ModelUnusable says what is wrong with any other."""
    start = file.read(LENGTH.size)
    length = LENGTH.unpack(start)[0] if len(start) == LENGTH.size else LONGEST_HEADER + 1
    text = file.read(length) if length <= LONGEST_HEADER else b""
    if not text:
        raise ModelUnusable(f"{name} is not a safetensors file. {mend}")
    if len(text) < length:
        raise ModelUnusable(f"{name} is cut off in the middle of its header. {mend}")
    return _entries(text, size - LENGTH.size - length, name, mend)


def write(path: Path, entries: Sequence[Entry], data: Iterable[bytes]) -> None:
    """`data`: the bytes of these entries, one after the other, in pieces of any size."""
    header: dict[str, Any] = {NOTES: {"format": "mlx"}}
    place = 0
    for entry in entries:
        end = place + entry.bytes
        header[entry.name] = {"dtype": entry.dtype, "shape": list(entry.shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    with path.open("wb") as file:
        file.write(LENGTH.pack(len(text)) + text)
        file.writelines(data)


def _entries(text: bytes, room: int, file: str, mend: str) -> list[Entry]:
    try:
        header = json.loads(text)
        header.pop(NOTES, None)
        found = [(_entry(name, said), said["data_offsets"]) for name, said in header.items()]
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        raise ModelUnusable(f"{file} has a damaged header. {mend}") from None
    for entry, (begin, end) in found:
        if entry.dtype not in BITS:
            raise ModelUnusable(f"{entry.name} in {file} has the unknown type {entry.dtype}. Take another folder.")
        if not 0 <= begin <= end or end - begin != entry.bytes:
            raise ModelUnusable(f"{file} has a damaged header: {entry.name} has not the size of its shape.")
        if end > room:
            raise ModelUnusable(f"{file} is cut off: {entry.name} ends beyond it. {mend}")
    return [entry for entry, _ in found]


def _entry(name: str, said: dict[str, Any]) -> Entry:
    shape = said["shape"]
    begin, end = said["data_offsets"]
    if not all(isinstance(size, int) and size >= 0 for size in (*shape, begin, end)):
        raise ValueError(name)
    return Entry(name, str(said["dtype"]), tuple(shape))
