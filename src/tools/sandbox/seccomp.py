"""Filters for the kernel, of calls of the system that are refused. libseccomp knows their numbers on each machine."""

import ctypes
import errno
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .sandbox import NoSandbox

LIBRARY = "libseccomp.so.2"
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
NOT_EQUAL, MASKED = 1, 7
INT = 0xFFFFFFFF
# io_uring would do all the rest unseen.
IO_URING = (425, 426, 427)


@dataclass(frozen=True, slots=True)
class Refused:
    """`at`, `how`, `mask`, `value`: only where this argument is like that."""

    call: str | int
    error: int = errno.EPERM
    at: int = -1
    how: int = 0
    mask: int = 0
    value: int = 0


class _Compared(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def made(refusals: Iterable[Refused], whose: str) -> bytes:
    """What the kernel is given. NoSandbox where there is no libseccomp. `whose`: the sandbox that needs it."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        raise NoSandbox(f"{LIBRARY}, which {whose} is used with, is not installed") from None
    library.seccomp_init.restype = ctypes.c_void_p
    filter = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    try:
        for one in refusals:
            _add(library, filter, one)
        with tempfile.TemporaryFile() as file:
            if library.seccomp_export_bpf(filter, file.fileno()):
                raise NoSandbox("libseccomp makes no filter here")
            file.seek(0)
            return file.read()
    finally:
        library.seccomp_release(filter)


def _add(library: Any, filter: ctypes.c_void_p, one: Refused) -> None:
    number = one.call if isinstance(one.call, int) else library.seccomp_syscall_resolve_name(one.call.encode())
    if number < 0:
        return  # this kind of machine does not have it
    compared = _Compared(one.at, one.how, one.mask, one.value)
    action = ctypes.c_uint32(ERRNO | one.error)
    failed = library.seccomp_rule_add_array(
        filter, action, number, ctypes.c_uint(one.at >= 0), ctypes.byref(compared) if one.at >= 0 else None
    )
    if failed:
        raise NoSandbox(f"libseccomp cannot refuse {one.call} ({os.strerror(-failed)})")
