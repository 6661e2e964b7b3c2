"""One download of a file at a time, across all processes of the machine, those of other tools too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def held(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """`waiting` is called once if another process holds it. The system frees the lock of a process that dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, mode=0o664)  # as huggingface_hub makes it: several users may share one cache
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire(poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()
