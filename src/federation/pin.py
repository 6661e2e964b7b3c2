"""What two machines that know the same six digits make of them: keys that nobody else has (SPAKE2)."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError  # type: ignore[import-untyped]
from spake2.ed25519_basic import NotOnCurve  # type: ignore[import-untyped]

DIGITS = 6
HALF_BYTES = 33
NAMES = (b"localswarm joining", b"localswarm host")
NONCE = bytes(12)  # each key seals one text


@dataclass(frozen=True, slots=True)
class Keys:
    """`joining`, `host`: what each shows the other as proof that it has them too."""

    joining: str
    host: str
    seal: bytes

    def sealed(self, text: str) -> str:
        return ChaCha20Poly1305(self.seal).encrypt(NONCE, text.encode(), None).hex()

    def opened(self, sealed: str) -> str:
        return ChaCha20Poly1305(self.seal).decrypt(NONCE, bytes.fromhex(sealed), None).decode()


class Exchange:
    """One side of one exchange. `half`: what the other side has to be told."""

    def __init__(self, side: "SPAKE2_A | SPAKE2_B") -> None:
        self._side = side
        self.half: str = side.start().hex()

    @classmethod
    def of_joining(cls, pin: str) -> "Exchange":
        return cls(SPAKE2_A(pin.encode(), *NAMES))

    @classmethod
    def of_host(cls, pin: str) -> "Exchange":
        return cls(SPAKE2_B(pin.encode(), *NAMES))

    def keys(self, theirs: str) -> Keys:
        """They differ from those of the other side where the PIN does. ValueError: what it said is no half."""
        half = bytes.fromhex(theirs)
        if len(half) != HALF_BYTES:
            raise ValueError("of another length")
        try:
            secret: bytes = self._side.finish(half)
        except (SPAKEError, NotOnCurve) as error:
            raise ValueError("no point, or our own half") from error
        return Keys(_part(secret, b"joining").hex(), _part(secret, b"host").hex(), _part(secret, b"seal"))


def _part(secret: bytes, label: bytes) -> bytes:
    return HKDFExpand(SHA256(), 32, label).derive(secret)
