"""The body of an answer as far as it is wanted: packed or not, it never takes more memory than that."""

import zlib
from collections.abc import AsyncIterable

from ..tool import ToolFailed

MOST = 2**20  # bytes, unpacked
# zlib's number for "gzip or zlib, as it says of itself".
EITHER = 47


async def body(chunks: AsyncIterable[bytes], packed: str, most: int = MOST) -> bytes:
    """Its first `most` bytes."""
    kept = bytearray()
    unpacking = _unpacking(packed)
    try:
        async for chunk in chunks:
            room = most - len(kept)
            kept += unpacking.decompress(chunk, room) if unpacking else chunk[:room]
            if len(kept) >= most or (unpacking and unpacking.eof):
                break
    except zlib.error:
        raise ToolFailed("The page is packed in a way that cannot be read.") from None
    return bytes(kept)


def _unpacking(packed: str) -> "zlib._Decompress | None":
    match packed.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return zlib.decompressobj(EITHER)
    raise ToolFailed(f"The page is packed as {packed[:40]!r}, which cannot be read.")
