"""The authenticated and encrypted channel between two nodes: TLS 1.3, where both sides prove who they are."""

import secrets
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from ..errors import Forbidden, StartError
from .identity import Identity, id_of

# Of OpenSSL, which Python's ssl has no name for: a machine whose clock is off belongs to the swarm all the same.
NO_CHECK_TIME = 0x200000
# What OpenSSL says to whoever calls another machine, and what it means here.
REASONS = {
    "CERTIFICATE_VERIFY_FAILED": "it belongs to another swarm",
    "TLSV1_ALERT_UNKNOWN_CA": "it belongs to another swarm",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it wants a certificate of its swarm",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it does not speak TLS 1.3",
    "WRONG_VERSION_NUMBER": "what listens there is no Local Swarm machine",
    "RECORD_LAYER_FAILURE": "what listens there is no Local Swarm machine",  # since OpenSSL 3.2
}


def server_context(identity: Identity) -> ssl.SSLContext:
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity)
    # Each connection proves who is there, and hundreds of bytes are not sent that nobody would use.
    context.num_tickets = 0
    return context


def client_context(identity: Identity) -> ssl.SSLContext:
    return _context(ssl.PROTOCOL_TLS_CLIENT, identity)


def reload(context: ssl.SSLContext, identity: Identity) -> None:
    """Show another certificate of the same swarm from now on. Another swarm needs another context: what one trusts
    cannot be taken away again."""
    if context.get_ca_certs(binary_form=True) != [_der(identity.authority.certificate)]:
        raise ValueError("this context trusts another swarm")
    _show(context, identity)


def peer_id(connection: ssl.SSLObject | ssl.SSLSocket) -> str:
    """Who is at the other end. TLS has checked that the authority signed the certificate and that the peer has its key;
    the name in it is believed only where it is that of the key."""
    shown = connection.getpeercert(binary_form=True)
    if not shown:
        raise Forbidden("The other machine showed no certificate of this swarm.")
    try:
        certificate = x509.load_der_x509_certificate(shown)
        names = [name.value for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        id = id_of(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        raise Forbidden("The certificate that the other machine showed cannot be read.") from None
    if names != [id]:
        raise Forbidden(f"The other machine has the key of {id}, and its certificate says another name.")
    return id


def why(error: ssl.SSLError) -> str:
    """Why another machine cannot be talked to, as the second half of a sentence."""
    return REASONS.get(error.reason or "", f"TLS failed ({error.reason or error})")


def _context(protocol: int, identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # Addresses change; the id is checked in their place.
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT | NO_CHECK_TIME
    context.load_verify_locations(cadata=_der(identity.authority.certificate))
    _show(context, identity)
    return context


def _show(context: ssl.SSLContext, identity: Identity) -> None:
    """Python takes a key from a file only. It lies there for a moment, under a password that nobody else has."""
    password = secrets.token_bytes(32).hex().encode()
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    try:
        with TemporaryDirectory() as folder:
            file = Path(folder, "node.pem")
            file.write_bytes(key + identity.certificate.public_bytes(Encoding.PEM))
            context.load_cert_chain(file, password=password)
    except OSError as error:
        raise StartError(
            f"The key of this node goes through a temporary file, and none can be written ({error}). Make room for it, "
            "or set TMPDIR to a folder that can be written."
        ) from None


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
