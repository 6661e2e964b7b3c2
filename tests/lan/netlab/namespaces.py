"""Namespaces of the kernel: made, joined, swept."""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Collection
from typing import TypeVar

T = TypeVar("T")

NETWORK, HOSTNAME = 0x40000000, 0x04000000
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_libc = ctypes.CDLL(None, use_errno=True)


def in_thread(work: Callable[[], T]) -> T:
    """Namespaces are those of a thread: what joins one does so in a thread of its own."""
    results: list[T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def make(hostname: str) -> tuple[int, int]:
    """A new network and hostname namespace, as file descriptors that keep them alive."""

    def body() -> tuple[int, int]:
        _check(_libc.unshare(NETWORK | HOSTNAME), "unshare")
        socket.sethostname(hostname)
        return _descriptor("net"), _descriptor("uts")

    return in_thread(body)


def join(descriptor: int, kind: int) -> None:
    _check(_libc.setns(descriptor, kind), "setns")


def tap(interface: str) -> int:
    """An Ethernet interface in the namespace of this thread; its frames are read and written through the descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", interface.encode(), _IFF_TAP | _IFF_NO_PI))
    return descriptor


def inside(inodes: Collection[int]) -> list[int]:
    """The processes whose network namespace is one of these."""
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _network_of(pid) in inodes]


def sweep(inodes: Collection[int]) -> None:
    for pid in inside(inodes):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def _network_of(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino
    except OSError:  # it ended meanwhile, or is not ours to see
        return None


def _descriptor(kind: str) -> int:
    return os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)


def _check(code: int, what: str) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
