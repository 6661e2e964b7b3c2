"""Asks macOS for the memory that it holds a process to account for, what its GPU uses included: the `Memory` of
Activity Monitor. Run as a program with a process id, as `metal.py` is."""

import ctypes
import sys

LIBRARY = "/usr/lib/libproc.dylib"
# The oldest form of the answer: an identifier of 16 bytes, seven numbers, then this one, and two more.
FLAVOR, IDENTIFIER, NUMBERS, WANTED = 0, 16, 10, 7


class Answer(ctypes.Structure):
    _fields_ = (("identifier", ctypes.c_uint8 * IDENTIFIER), ("numbers", ctypes.c_uint64 * NUMBERS))


def main() -> None:
    answer = Answer()
    if ctypes.CDLL(LIBRARY).proc_pid_rusage(int(sys.argv[1]), FLAVOR, ctypes.byref(answer)) == 0:
        print(f"phys_footprint: {answer.numbers[WANTED]}")


if __name__ == "__main__":
    main()
