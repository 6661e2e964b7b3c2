"""What a program in the sandbox may use up."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    seconds: float = 10.0  # by the clock
    cpu_seconds: int = 5  # of each process
    memory: int = 512 * MIB  # address space of each process
    processes: int = 16  # threads count too
    folder: int = 64 * MIB  # all that it writes, which lies in memory
    file: int = 16 * MIB  # one file; its output is one
    output: int = 64 * 1024  # so many bytes of that are given back
