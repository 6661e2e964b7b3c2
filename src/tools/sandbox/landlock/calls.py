"""Which calls of the system are refused.

Landlock keeps programs from opening files. What it does not know of is refused here: sockets, other processes, and what
changes a file by its path without opening it.
"""

import errno
from collections.abc import Iterator
from functools import cache

from ..seccomp import INT, IO_URING, MASKED, NOT_EQUAL, Refused, made
from ..sockets import pairs

NEW_USER_NAMESPACE = 0x10000000
F_SETOWN, F_SETOWN_EX = 8, 15
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902

NEVER = (
    "socket connect bind listen ptrace process_vm_readv process_vm_writev kcmp "
    "unshare setns mount umount2 pivot_root chroot "
    "bpf perf_event_open userfaultfd add_key request_key keyctl open_by_handle_at fanotify_init inotify_add_watch "
    "shmget msgget semget mq_open "
    "chmod fchmodat chown lchown fchownat utime utimes futimesat setxattr lsetxattr removexattr lremovexattr "
    "setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr ioprio_set"
).split()
# Newer calls by their numbers, which are the same on every kind of machine: an older library has no names for them.
# Beside io_uring: mounting, other processes, modes and attributes by path, and all that were not there yet when
# this was written.
NEVER_BY_NUMBER = (
    *IO_URING,
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


def refused(scoped: bool) -> Iterator[Refused]:
    """`scoped`: the kernel keeps signals in. Pure."""
    yield from map(Refused, NEVER if scoped else (*NEVER, *SIGNALS))
    newer = NEVER_BY_NUMBER if scoped else (*NEVER_BY_NUMBER, *SIGNALS_BY_NUMBER)
    yield from (Refused(number, errno.ENOSYS) for number in newer)
    # Programs then fall back to `clone`, whose flags can be seen.
    yield Refused("clone3", errno.ENOSYS)
    yield Refused("clone", at=0, how=MASKED, mask=NEW_USER_NAMESPACE, value=NEW_USER_NAMESPACE)
    yield from pairs()
    # Of another process; its own is 0.
    yield Refused("prlimit64", at=0, how=NOT_EQUAL)
    # With a path; without one it is for what is open.
    yield Refused("utimensat", at=1, how=NOT_EQUAL)
    yield from (Refused("fcntl", at=1, how=MASKED, mask=INT, value=value) for value in (F_SETOWN, F_SETOWN_EX))
    yield from (Refused("ioctl", at=1, how=MASKED, mask=INT, value=value) for value in (FIOSETOWN, SIOCSPGRP))


@cache
def filter_of(scoped: bool) -> bytes:
    """NoSandbox where there is no libseccomp."""
    return made(refused(scoped), "Landlock")
