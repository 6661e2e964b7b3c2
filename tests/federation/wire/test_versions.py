"""Two nodes that do not understand each other both say so, and say which of them is to be updated."""

import pytest
from localswarm.errors import BadRequest
from localswarm.federation.wire import versions
from localswarm.federation.wire.versions import OtherVersion


@pytest.mark.parametrize("words", [versions.WORDS, "1-9", "0-1"])
def test_a_version_in_common_is_enough(words: str) -> None:
    versions.check(words, "the node b")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("7-9", "The node b speaks versions 7 to 9 of the protocol between nodes, and this machine version 1: "
                "update Local Swarm on this machine."),
        ("0-0", "The node b speaks version 0 of the protocol between nodes, and this machine version 1: "
                "update Local Swarm on the node b."),
    ],
)  # fmt: skip
def test_the_older_one_is_to_be_updated(words: str, told: str) -> None:
    with pytest.raises(OtherVersion) as refused:
        versions.check(words, "the node b")
    assert refused.value.message == told


@pytest.mark.parametrize("words", [None, "", "1", "1-x", "1-1-1", "9" * 50])
def test_whoever_says_none_is_refused(words: str | None) -> None:
    with pytest.raises(BadRequest, match="does not say which version"):
        versions.check(words, "the node b")
