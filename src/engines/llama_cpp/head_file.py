"""The beginning of a prompt as a file: its tokens, the engine's state behind them, and checksums of both.

A flipped bit in a state would give a wrong text without a word, so nothing is used whose checksum is another.
"""

import contextlib
import os
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"local swarm head 2\n"
ENDING, HALF = ".head", ".part"
NUMBERS = 8 * 3  # tokens, bytes of the state, its checksum
CRC_BYTES = 4
NOTHING = np.empty(0, np.uint8)


@dataclass(frozen=True, slots=True)
class Head:
    path: Path
    tokens: list[int]
    begin: int  # of the state in the file
    size: int
    crc: int

    def touch(self) -> bool:
        """It was used now. False: it is gone, perhaps by another node's hand."""
        try:
            os.utime(self.path)
        except OSError:
            return False
        return True

    def load(self) -> Any:
        """The state; empty where the file is gone or damaged."""
        try:
            data = np.fromfile(self.path, np.uint8, self.size, offset=self.begin)
        except OSError:
            return NOTHING
        # CRC-32 goes at 2 GB/s here; a cryptographic one takes five times as long.
        if len(data) != self.size or zlib.crc32(data.data) != self.crc:
            return NOTHING
        self.touch()
        return data

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()


def write(path: Path, tokens: Sequence[int], data: Any) -> Head:
    """All of it or nothing: OSError where the disk does not take it."""
    crc = zlib.crc32(data.data)
    lead = np.array([len(tokens), data.nbytes, crc], np.int64).tobytes() + np.array(tokens, np.int32).tobytes()
    lead = MAGIC + lead + zlib.crc32(lead).to_bytes(CRC_BYTES, "little")
    number, name = tempfile.mkstemp(HALF, path.stem, path.parent)
    try:
        with open(number, "wb") as file:
            file.write(lead)
            file.write(data.data)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    return Head(path, list(tokens), len(lead), data.nbytes, crc)


def read(path: Path) -> Head | None:
    """Without its state, which is large. None: it is not whole."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            lead = file.read(NUMBERS)
            count, size, crc = np.frombuffer(lead, np.int64).tolist()
            begin = len(MAGIC) + NUMBERS + 4 * count + CRC_BYTES
            if count < 0 or size < 0 or os.fstat(file.fileno()).st_size != begin + size:
                return None
            tokens = file.read(4 * count)
            if zlib.crc32(lead + tokens).to_bytes(CRC_BYTES, "little") != file.read(CRC_BYTES):
                return None
    except (OSError, ValueError):
        return None
    return Head(path, np.frombuffer(tokens, np.int32).tolist(), begin, size, crc)
