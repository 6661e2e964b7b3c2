"""Which Landlock the kernel has."""

import ctypes
import sys
from functools import cache

CREATE_RULESET = 444  # on every architecture that Python runs on
VERSION = 1


@cache
def abi() -> int:
    """0: none at all, or it is switched off."""
    if sys.platform != "linux":
        return 0
    call = ctypes.CDLL(None, use_errno=True).syscall
    return max(0, int(call(ctypes.c_long(CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))))
