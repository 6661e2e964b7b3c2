"""TXT records: what is told comes back, and what is forged does no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.federation.discovery.record import LONGEST_NAME, Record, Text, cleaned, decode, encode, id_in

RECORD = Record("0123456789abcdef", "5afe", 1, "kitchen", 17617, pairing=4242)


def text(*strings: bytes) -> bytes:
    return b"".join(bytes([len(string)]) + string for string in strings)


def test_what_is_told_comes_back() -> None:
    assert decode(encode(RECORD)) == Text("5afe", 1, "kitchen", 4242)


@pytest.mark.parametrize(
    ("data", "understood"),
    [
        (text(b"p=1"), Text("", 1, "", None)),
        (text(b"p=2", b"t=ab", b"new=thing", b"flag"), Text("ab", 2, "", None)),
        (text(b"p=1", b"p=2"), Text("", 1, "", None)),
        (text(b"p=1", b"q=0"), Text("", 1, "", None)),
        (text(b"p=1", b"q=65536"), Text("", 1, "", None)),
        (text(b"p=1", b"q=-1"), Text("", 1, "", None)),
        (text(b"p=1", b"n=\xff\xfebad"), Text("", 1, "bad", None)),
        (text(b"p=1", b"n=a\x1b[2Jb\r\nc\x00"), Text("", 1, "a [2Jb c", None)),
        (text(b"p=1") + b"\xffcut", Text("", 1, "", None)),
        (b"", None),
        (text(b"t=ab"), None),
        (text(b"p="), None),
        (text(b"p=1e3"), None),
        (text(b"p=1_0"), None),
        (text("p=\u0661".encode()), None),
        (text(b"p=999999"), None),
        (text(b"p=1", b"t=no hex"), None),
        (text(b"p=1", b"t=" + b"a" * 33), None),
        (text(b"p=1", *[b"x" * 200] * 6), None),
    ],
)
def test_decode(data: bytes, understood: Text | None) -> None:
    assert decode(data) == understood


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kitchen PC", "Kitchen PC"),
        ("Küche 電腦", "Küche 電腦"),
        ("\x1b]0;owned\x07", "]0;owned"),
        ("left\u202eright", "left right"),
        ("a\u200bb\u2028c", "a b c"),
        ("  a \t b  ", "a b"),
        ("\ud800", ""),
        ("x" * 41, "x" * LONGEST_NAME),
    ],
)
def test_a_name_holds_nothing_that_cannot_be_seen(name: str, shown: str) -> None:
    assert cleaned(name) == shown


@given(st.binary(max_size=1200))
def test_any_bytes_are_understood_or_not(data: bytes) -> None:
    understood = decode(data)
    assert understood is None or (understood.name == cleaned(understood.name) and len(understood.tag) <= 32)


@given(st.text(max_size=100))
def test_any_name_can_be_told(name: str) -> None:
    told = decode(encode(Record("0123456789abcdef", "", 1, name, 1)))
    assert told and told.name == cleaned(name)


@pytest.mark.parametrize(
    ("instance", "id"),
    [
        ("0123456789abcdef._localswarm._tcp.local.", "0123456789abcdef"),
        ("0123456789ABCDEF._localswarm._tcp.local.", None),
        ("0123456789abcde._localswarm._tcp.local.", None),
        ("0123456789abcdef\n._localswarm._tcp.local.", None),
        ("x.0123456789abcdef._localswarm._tcp.local.", None),
        ("0123456789abcdef._other._tcp.local.", None),
        ("_localswarm._tcp.local.", None),
    ],
)
def test_id_in(instance: str, id: str | None) -> None:
    assert id_in(instance) == id
