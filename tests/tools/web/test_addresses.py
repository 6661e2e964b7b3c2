import pytest
from localswarm.tools.web.addresses import is_public


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
     "100.64.0.1", "100.127.255.255", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255",
     "240.0.0.1",
     "192.88.99.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:7f00:1", "fe80::1",
     "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
     "2002:7f00:1::",
     "2001::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "localhost", "", "2130706433", "127.1"],
)  # fmt: skip
def test_what_is_not_on_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "2a00::1"])
def test_what_is(address: str) -> None:
    assert is_public(address)


def test_neighbours_with_public_addresses() -> None:
    near = [("2a00:1:2:3::5", "ffff:ffff:ffff:ffff::"), ("81.2.3.4", "255.255.255.0"), ("82.1.1.1", "0.0.0.0"),
            ("fe80::1%eth0", "ffff:ffff:ffff:ffff::"), ("aa:bb:cc:dd:ee:ff", "255.0.0.0")]  # fmt: skip
    for address in ("2a00:1:2:3::99", "81.2.3.99", "82.1.1.1"):
        assert not is_public(address, near) and is_public(address)
    for address in ("2a00:1:2:4::99", "81.2.4.99", "82.1.1.2"):
        assert is_public(address, near)
