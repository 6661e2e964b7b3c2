"""Whether a file is what its name in the hub's cache promises."""

import hashlib
from collections.abc import Callable
from pathlib import Path

BLOCK = 2**20


def is_whole(path: Path, etag: str, seen: Callable[[int], None] = lambda done: None) -> bool:
    """`etag` is a SHA-256, or for small files the SHA-1 under which git keeps them."""
    digest = hashlib.sha256() if len(etag) == 64 else hashlib.sha1(b"blob %d\0" % path.stat().st_size)
    done = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            seen(done)
    return digest.hexdigest() == etag
