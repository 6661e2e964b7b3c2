"""Identities for tests, without folders."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from localswarm.federation.authority import Authority, derived
from localswarm.federation.code import Code
from localswarm.federation.identity import Identity, id_of


def swarm(number: int) -> Authority:
    return derived(Code(number))


def member(trusted: Authority, id: str | None = None) -> Identity:
    """`id`: what its certificate says, which may be a lie."""
    key = Ed25519PrivateKey.generate()
    id = id_of(key.public_key()) if id is None else id
    return Identity(id, key, trusted.sign(key.public_key(), id), trusted)
