"""A swarm's authority and the certificates of its nodes, made on the spot."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from localswarm.errors import Forbidden
from localswarm.federation.race import Trust

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2120, 1, 1, tzinfo=UTC)


class Authority:
    def __init__(self, folder: Path, name: str = "swarm") -> None:
        self._folder = folder
        self._name = name
        self._key = Ed25519PrivateKey.generate()
        self._own = self._certificate(name, self._key, authority=True)

    def server(self, id: str) -> Trust:
        return self._trust(ssl.PROTOCOL_TLS_SERVER, id)

    def client(self, id: str) -> Trust:
        return self._trust(ssl.PROTOCOL_TLS_CLIENT, id)

    def _trust(self, side: int, id: str) -> Trust:
        context = ssl.SSLContext(side)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=self._own.public_bytes(Encoding.PEM).decode())
        if side == ssl.PROTOCOL_TLS_SERVER:
            context.num_tickets = 0
        key = Ed25519PrivateKey.generate()
        file = self._folder / f"{self._name}-{id}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + self._certificate(id, key).public_bytes(Encoding.PEM))
        context.load_cert_chain(file)
        return Trust(context, peer_id)

    def _certificate(self, name: str, key: Ed25519PrivateKey, authority: bool = False) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(UNTIL)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        return builder.sign(self._key, None)


def peer_id(connection: ssl.SSLObject) -> str:
    shown = connection.getpeercert(binary_form=True)
    if not shown:
        raise Forbidden("There is no certificate.")
    certificate = x509.load_der_x509_certificate(shown)
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
