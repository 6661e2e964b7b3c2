"""Who says that a node belongs to the swarm. It comes out of the code, so that every node has the same one."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from . import private
from .code import OPEN, Code

FILE = "authority"
# The same at every node and for ever: another value is another swarm.
SALT = b"localswarm 1"
SCRYPT_MEMORY = 2**15  # blocks of 1 kB: the least machine that holds a model has so much
TAG_BYTES = 6
# Nobody's clock is asked; a certificate has to say something.
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2120, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Authority:
    """`tag`: tells swarms apart and nothing else, and may be shouted over the network."""

    key: Ed25519PrivateKey = field(repr=False)
    certificate: x509.Certificate
    tag: str

    def sign(self, public_key: Ed25519PublicKey, id: str) -> x509.Certificate:
        """The certificate of the node that has this key."""
        return (
            _about(id, public_key, self.key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .sign(self.key, None)
        )


def derived(code: Code) -> Authority:
    """Takes a tenth of a second."""
    return _grown(_root(code))


def kept(folder: Path, code: Code) -> Authority:
    """The same, with what takes long read from a file in this folder, or written to it."""
    if code == OPEN:
        return derived(code)
    file = folder / FILE
    root = _recalled(private.read(file) or "", code)
    if root is None:
        root = _root(code)
        private.write(file, f"{_seal(code, root)}\n{root.hex()}\n")
    return _grown(root)


def _root(code: Code) -> bytes:
    return Scrypt(salt=SALT, length=32, n=SCRYPT_MEMORY, r=8, p=1).derive(str(code).encode())


def _recalled(text: str, code: Code) -> bytes | None:
    """None where it is damaged, or another code's."""
    seal, _, rest = text.partition("\n")
    try:
        root = bytes.fromhex(rest)
    except ValueError:
        return None
    return root if hmac.compare_digest(seal.encode(), _seal(code, root).encode()) else None


def _seal(code: Code, root: bytes) -> str:
    return hashlib.sha256(str(code).encode() + root).hexdigest()


def _grown(root: bytes) -> Authority:
    key = Ed25519PrivateKey.from_private_bytes(_part(root, b"authority", 32))
    return Authority(key, _own_certificate(key), _part(root, b"tag", TAG_BYTES).hex())


def _part(root: bytes, label: bytes, length: int) -> bytes:
    return HKDFExpand(algorithm=SHA256(), length=length, info=label).derive(root)


def _own_certificate(key: Ed25519PrivateKey) -> x509.Certificate:
    return (
        _about("Local Swarm", key.public_key(), key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True), critical=True)
        .sign(key, None)
    )


def _about(name: str, public_key: Ed25519PublicKey, authority: Ed25519PrivateKey) -> x509.CertificateBuilder:
    """What both kinds of certificates say. All of it follows from the two keys, so that the same one is made again."""
    subject = x509.SubjectKeyIdentifier.from_public_key(public_key)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named("Local Swarm"))
        .public_key(public_key)
        .serial_number(int.from_bytes(subject.digest[:8]) | 1)  # it must not be 0
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .add_extension(subject, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),
            critical=False,
        )
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
