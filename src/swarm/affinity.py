"""What a member has read already, told by hashes of how prompts begin. Pure; no text is kept.

The hashes are keyed anew in each process, so that nobody can tell from them whether a known text was asked.
"""

import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from ..chat import ChatRequest, Image, Message, Text, ToolCall, ToolResult

_KEY = secrets.token_bytes(32)
# Agents' prompts are code and JSON; only the proportions matter here.
CHARACTERS_PER_TOKEN = 4
IMAGE_TOKENS = 600
# Of a text without messages.
RAW_CHARACTERS, RAW_TOKENS = 1024, 256
# Of one member; each costs some hundred bytes.
MOST_PIECES = 8192
# Messages, or tokens of a text without any, that take some milliseconds.
LARGE, LARGE_RAW = 1000, 2**16
# Of a member that does not tell how much it keeps: a few long conversations.
ROOM = 64 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """A step of a prompt: tools and system text first, then message by message. `key` stands for all up to its end."""

    key: bytes
    tokens: int


def is_large(request: ChatRequest) -> bool:
    return len(request.messages) > LARGE or len(request.raw or ()) > LARGE_RAW


def cut(request: ChatRequest) -> tuple[Piece, ...]:
    chain = hashlib.blake2b(key=_KEY, digest_size=16)
    pieces = []
    for text, tokens in _steps(request):
        chain.update(f"{len(text)}:".encode())
        chain.update(text.encode("utf-8", "surrogatepass"))
        pieces.append(Piece(chain.digest(), tokens))
    return tuple(pieces)


class Record:
    """Like the cache that it stands for: bounded in tokens, and what was used least recently goes first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, int] = OrderedDict()
        self._tokens = 0

    def known(self, pieces: Sequence[Piece]) -> int:
        """Tokens of this prompt that need not be read."""
        found = 0
        for piece in pieces:
            if piece.key not in self._kept:
                break
            found += piece.tokens
        return found

    def read(self, pieces: Sequence[Piece], room: int) -> None:
        # The beginning last: of what is forgotten the ends go first.
        for piece in reversed(pieces):
            self._tokens += piece.tokens - self._kept.pop(piece.key, 0)
            self._kept[piece.key] = piece.tokens
        while len(self._kept) > MOST_PIECES or (self._tokens > room and len(self._kept) > 1):
            _, tokens = self._kept.popitem(last=False)
            self._tokens -= tokens

    def forget(self) -> None:
        self._kept.clear()
        self._tokens = 0


def _steps(request: ChatRequest) -> Iterator[tuple[str, int]]:
    if request.raw is not None:
        yield from _raw(request.raw)
        return
    rest = list(request.messages)
    head = [json.dumps([asdict(tool) for tool in request.tools])]
    while rest and rest[0].role == "system":
        head.append(rest.pop(0).text)
    yield _counted("\n".join(head))
    for message in rest:
        text, tokens = _counted(_said(message))
        yield text, tokens + IMAGE_TOKENS * sum(isinstance(part, Image) for part in message.parts)


def _raw(raw: str | tuple[int, ...]) -> Iterator[tuple[str, int]]:
    if isinstance(raw, str):
        for at in range(0, len(raw), RAW_CHARACTERS):
            yield _counted(raw[at : at + RAW_CHARACTERS])
        return
    for at in range(0, len(raw), RAW_TOKENS):
        some = raw[at : at + RAW_TOKENS]
        yield repr(some), len(some)


def _counted(text: str) -> tuple[str, int]:
    return text, len(text) // CHARACTERS_PER_TOKEN + 1


def _said(message: Message) -> str:
    """Thoughts and ids are left out: templates do so too, and clients give them back as they like."""
    parts: list[str] = [message.role]
    for part in message.parts:
        match part:
            case Text(text):
                parts.append(text)
            case ToolCall(_, name, arguments):
                parts.append(f"{name}({arguments})")
            case ToolResult(_, content):
                parts.append(content)
            case Image(url):
                # The picture itself is counted apart, and may be megabytes.
                parts.append(hashlib.blake2b(url.encode(), key=_KEY, digest_size=16).hexdigest())
    return "\n".join(parts)
