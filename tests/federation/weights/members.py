"""Nodes of a swarm that is made for a test, without folders."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from localswarm.federation.authority import Authority, derived
from localswarm.federation.code import Code
from localswarm.federation.identity import Identity, id_of


def swarm(number: int) -> Authority:
    return derived(Code(number))


def member(trusted: Authority, id: str | None = None) -> Identity:
    """`id`: what its certificate says, which may be a lie."""
    key = Ed25519PrivateKey.generate()
    said = id or id_of(key.public_key())
    return Identity(said, key, trusted.sign(key.public_key(), said), trusted)
