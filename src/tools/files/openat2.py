"""Linux's openat2, which neither Python nor the C library has: a path that cannot leave the folder it begins in."""

import ctypes
import os
import sys
from functools import cache

NUMBER = 437  # on every architecture that Python runs on
RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_BENEATH = 0x08
HERE = -100  # AT_FDCWD


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def openat2(folder: int, path: str, flags: int) -> int:
    """For what exists. The kernel refuses with EXDEV what leads outside."""
    how = _How(flags | os.O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
    opened = int(
        _library().syscall(
            ctypes.c_long(NUMBER), ctypes.c_int(folder), ctypes.c_char_p(os.fsencode(path)),
            ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how)),
        )
    )  # fmt: skip
    if opened < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return opened


@cache
def works() -> bool:
    """Tried: kernels before 5.6 have none, and some containers forbid it."""
    if sys.platform != "linux":
        return False
    try:
        os.close(openat2(HERE, ".", os.O_RDONLY | os.O_DIRECTORY))
    except OSError:
        return False
    return True


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
