"""One authority for each code, the same on every machine."""

import time
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from localswarm.federation import authority
from localswarm.federation.code import OPEN, Code
from localswarm.state.failures import StateUnusable

CODE = Code(12345)
RIGHT = authority.derived(CODE)


def der(trusted: authority.Authority) -> bytes:
    return trusted.certificate.public_bytes(Encoding.DER)


def test_it_never_changes() -> None:
    """Machines with another version of Local Swarm would be another swarm."""
    trusted = authority.derived(OPEN)
    assert trusted.tag == "73f72a6025e4"
    assert sha256(der(trusted)).hexdigest() == "0a09ebc0adf7cace78c3aade27d60b4a041886f9e8146fb8f86b5327f86febed"


def test_another_code_is_another_one() -> None:
    other = authority.derived(Code(12346))
    assert other.tag != RIGHT.tag and der(other) != der(RIGHT)


def test_what_it_signs_is_signed() -> None:
    public_key = Ed25519PrivateKey.generate().public_key()
    certificate = RIGHT.sign(public_key, "0123456789abcdef")
    certificate.verify_directly_issued_by(RIGHT.certificate)
    assert certificate.public_key() == public_key
    assert certificate == RIGHT.sign(public_key, "0123456789abcdef")


def test_it_is_derived_once(tmp_path: Path) -> None:
    first = authority.kept(tmp_path, CODE)
    begun = time.process_time()
    again = authority.kept(tmp_path, CODE)
    assert time.process_time() - begun < 0.03
    assert der(again) == der(first) == der(RIGHT)


def test_another_code_is_noticed(tmp_path: Path) -> None:
    authority.kept(tmp_path, CODE)
    other = Code(54321)
    assert der(authority.kept(tmp_path, other)) == der(authority.derived(other))
    assert der(authority.kept(tmp_path, CODE)) == der(RIGHT)


@pytest.mark.parametrize("damage", [b"", b"\xff\x00", b"a\nb", b"\n\n\n", b"x" * 10_000], ids=len)
def test_damage_costs_a_moment(tmp_path: Path, damage: bytes) -> None:
    authority.kept(tmp_path, CODE)
    file = tmp_path / authority.FILE
    file.write_bytes(damage)
    assert der(authority.kept(tmp_path, CODE)) == der(RIGHT)
    assert file.read_bytes() != damage


def test_a_flipped_bit_is_damage(tmp_path: Path) -> None:
    authority.kept(tmp_path, CODE)
    file = tmp_path / authority.FILE
    text = file.read_text()
    file.write_text(text[:-2] + ("0" if text[-2] != "0" else "1") + "\n")
    assert der(authority.kept(tmp_path, CODE)) == der(RIGHT)


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    authority.kept(tmp_path, CODE)
    file = tmp_path / authority.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(StateUnusable, match="chmod 600"):
        authority.kept(tmp_path, CODE)


def test_nothing_is_kept_of_an_open_swarm(tmp_path: Path) -> None:
    authority.kept(tmp_path, OPEN)
    assert not list(tmp_path.iterdir())
