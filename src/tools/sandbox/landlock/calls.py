"""Which calls of the system are refused, as a filter for the kernel. libseccomp knows their numbers on each machine.

Landlock keeps programs from opening files. What it does not know of is refused here: sockets, other processes, and what
changes a file by its path without opening it.
"""

import ctypes
import errno
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..sandbox import NoSandbox

LIBRARY = "libseccomp.so.2"
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
NOT_EQUAL, MASKED = 1, 7
NEW_USER_NAMESPACE = 0x10000000
SOCK_STREAM, SOCK_TYPES = 1, 0xF
F_SETOWN, F_SETOWN_EX = 8, 15
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902
INT = 0xFFFFFFFF

NEVER = (
    "socket connect bind listen ptrace process_vm_readv process_vm_writev kcmp "
    "unshare setns mount umount2 pivot_root chroot "
    "bpf perf_event_open userfaultfd add_key request_key keyctl open_by_handle_at fanotify_init inotify_add_watch "
    "shmget msgget semget mq_open "
    "chmod fchmodat chown lchown fchownat utime utimes futimesat setxattr lsetxattr removexattr lremovexattr "
    "setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr ioprio_set"
).split()
# Newer calls by their numbers, which are the same on every kind of machine: an older library has no names for them.
# io_uring (the first) would do all the rest unseen; of the others: mounting, other processes, modes and attributes by
# path, and all that were not there yet when this was written.
NEVER_BY_NUMBER = (
    425,
    426,
    427,
    428,
    429,
    430,
    431,
    432,
    433,
    438,
    440,
    442,
    452,
    463,
    466,
    467,
    469,
    *range(470, 512),
)
# Where the kernel does not keep signals among the program's own processes. 424: pidfd_send_signal.
SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo".split()
SIGNALS_BY_NUMBER = (424,)


@dataclass(frozen=True, slots=True)
class Refused:
    """`at`, `how`, `mask`, `value`: only where this argument is like that."""

    call: str | int
    error: int = errno.EPERM
    at: int = -1
    how: int = 0
    mask: int = 0
    value: int = 0


def refused(scoped: bool) -> Iterator[Refused]:
    """`scoped`: the kernel keeps signals in. Pure."""
    yield from map(Refused, NEVER if scoped else (*NEVER, *SIGNALS))
    newer = NEVER_BY_NUMBER if scoped else (*NEVER_BY_NUMBER, *SIGNALS_BY_NUMBER)
    yield from (Refused(number, errno.ENOSYS) for number in newer)
    # Programs then fall back to `clone`, whose flags can be seen.
    yield Refused("clone3", errno.ENOSYS)
    yield Refused("clone", at=0, how=MASKED, mask=NEW_USER_NAMESPACE, value=NEW_USER_NAMESPACE)
    # Pairs of any other kind can be sent from to any address.
    others = set(range(SOCK_TYPES + 1)) - {SOCK_STREAM}
    yield from (Refused("socketpair", at=1, how=MASKED, mask=SOCK_TYPES, value=kind) for kind in sorted(others))
    # Of another process; its own is 0.
    yield Refused("prlimit64", at=0, how=NOT_EQUAL)
    # With a path; without one it is for what is open.
    yield Refused("utimensat", at=1, how=NOT_EQUAL)
    yield from (Refused("fcntl", at=1, how=MASKED, mask=INT, value=value) for value in (F_SETOWN, F_SETOWN_EX))
    yield from (Refused("ioctl", at=1, how=MASKED, mask=INT, value=value) for value in (FIOSETOWN, SIOCSPGRP))


class _Compared(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


@cache
def filter_of(scoped: bool) -> bytes:
    """What the kernel is given. NoSandbox where there is no libseccomp."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        raise NoSandbox(f"{LIBRARY}, which Landlock is used with, is not installed") from None
    library.seccomp_init.restype = ctypes.c_void_p
    made = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    try:
        for one in refused(scoped):
            _add(library, made, one)
        with tempfile.TemporaryFile() as file:
            if library.seccomp_export_bpf(made, file.fileno()):
                raise NoSandbox("libseccomp makes no filter here")
            file.seek(0)
            return file.read()
    finally:
        library.seccomp_release(made)


def _add(library: Any, made: ctypes.c_void_p, one: Refused) -> None:
    number = one.call if isinstance(one.call, int) else library.seccomp_syscall_resolve_name(one.call.encode())
    if number < 0:
        return  # this kind of machine does not have it
    compared = _Compared(one.at, one.how, one.mask, one.value)
    action = ctypes.c_uint32(ERRNO | one.error)
    failed = library.seccomp_rule_add_array(
        made, action, number, ctypes.c_uint(one.at >= 0), ctypes.byref(compared) if one.at >= 0 else None
    )
    if failed:
        raise NoSandbox(f"libseccomp cannot refuse {one.call} ({os.strerror(-failed)})")
