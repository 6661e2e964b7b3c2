"""Frames written to a file in pcap format."""

import struct
import time
from typing import BinaryIO

_ETHERNET, _LONGEST = 1, 262144


class Capture:
    def __init__(self, path: str) -> None:
        self._file: BinaryIO = open(path, "wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _LONGEST, _ETHERNET))

    def add(self, frame: bytes) -> None:
        now = time.time()
        self._file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)
        self._file.flush()

    def close(self) -> None:
        self._file.close()
