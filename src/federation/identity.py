"""Which node this is and which swarm it belongs to, kept in the state folder."""

import hashlib
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from shlex import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from filelock import BaseFileLock, FileLock, Timeout

from ..errors import SettingError
from ..state.failures import StateUnusable, unwritable
from . import authority, private
from .authority import Authority
from .code import OPEN, Code

CODE_FILE = "code"
ID_DIGITS = 16
# Another process that starts holds it for the moment in which it writes.
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the nodes that run on the same state folder at the same time. The system frees the lock of a process that
    dies."""

    number: int
    key_file: Path
    lock: BaseFileLock


@dataclass(frozen=True, slots=True)
class Identity:
    """`slot`: where the key is kept; None where it is for this time only."""

    id: str
    key: Ed25519PrivateKey = field(repr=False)
    certificate: x509.Certificate
    authority: Authority
    slot: Slot | None = None

    def renew(self) -> "Identity":
        """Another key in the same place: somebody else has this one, as in a copied home."""
        key = Ed25519PrivateKey.generate()
        if self.slot:
            private.write(self.slot.key_file, _pem(key))
        return replace(_made(key, self.authority), slot=self.slot)

    def release(self) -> None:
        """Let another node of this state folder have the key."""
        if self.slot:
            self.slot.lock.release()


def id_of(public_key: PublicKeyTypes) -> str:
    info = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(info).hexdigest()[:ID_DIGITS]


def is_id(word: str) -> bool:
    return len(word) == ID_DIGITS and set(word) <= set("0123456789abcdef")


def load(folder: Path, code: Code) -> Identity:
    """That of the node which starts now: the first one that runs on this state folder has slot 0."""
    if code == OPEN:
        return visiting(folder, code)
    place = private.folder_in(folder)
    slot = _free_slot(place)
    return replace(_made(_key_in(slot.key_file), authority.kept(place, code)), slot=slot)


def visiting(folder: Path, code: Code) -> Identity:
    """For a command that may run beside the node, and for an open swarm: a key that is not kept."""
    trusted = authority.derived(code) if code == OPEN else authority.kept(private.folder_in(folder), code)
    return _made(Ed25519PrivateKey.generate(), trusted)


def code_of(folder: Path) -> Code | None:
    """That of the swarm which this state folder belongs to, if any."""
    file = folder / private.FOLDER / CODE_FILE
    text = private.read(file)
    try:
        return None if text is None else Code.parse(text)
    except SettingError:
        raise StateUnusable(
            f"{file} is damaged: there is no swarm code in it. Join your swarm again with --join CODE; where this "
            f"machine was alone in it, remove the file, and a new code is made: rm {quote(str(file))}"
        ) from None


def keep_code(folder: Path, code: Code) -> None:
    private.write(private.folder_in(folder) / CODE_FILE, f"{code}\n")


def first_code(folder: Path) -> Code:
    """The code that is kept; a new one where there is none. Processes that start at once take the same."""
    lock = _lock(private.folder_in(folder) / f"{CODE_FILE}.lock")
    try:
        lock.acquire(timeout=PATIENCE_SECONDS)
    except Timeout:
        raise StateUnusable(
            f"{lock.lock_file} has been locked by another program for too long. Find it with: "
            f"lsof {quote(lock.lock_file)}"
        ) from None
    except OSError as error:
        raise StateUnusable(unwritable(folder, str(error))) from None
    try:
        if (known := code_of(folder)) is None:
            keep_code(folder, known := Code.new())
        return known
    finally:
        lock.release()


def _free_slot(place: Path) -> Slot:
    for number in count():
        lock = _lock(place / f"node-{number}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        except OSError as error:
            raise StateUnusable(unwritable(place, str(error))) from None
        return Slot(number, place / f"node-{number}.key", lock)
    raise AssertionError("there is always one more")


def _lock(file: Path) -> BaseFileLock:
    # Whichever thread ends the node lets it go.
    return FileLock(file, mode=0o600, thread_local=False)


def _key_in(file: Path) -> Ed25519PrivateKey:
    text = private.read(file)
    if text is None:
        key = Ed25519PrivateKey.generate()
        private.write(file, _pem(key))
        return key
    try:
        found = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):  # TypeError: it asks for a password
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise StateUnusable(
            f"{file} is damaged: there is no key in it. Remove it with: rm {quote(str(file))}; this machine then gets "
            "a new key, and is another one to the swarm."
        )
    return found


def _made(key: Ed25519PrivateKey, trusted: Authority) -> Identity:
    public_key = key.public_key()
    id = id_of(public_key)
    return Identity(id, key, trusted.sign(public_key, id), trusted)


def _pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
