"""Thoughts that travel through a client."""

import pytest
from localswarm.api.openai.responses.sealed import MARK, seal, unseal


@pytest.mark.parametrize("thought", ["", "hm", "zwölf 🙂\n"])
def test_what_was_sealed_comes_back(thought: str) -> None:
    assert unseal(seal(thought)) == thought


@pytest.mark.parametrize("sealed", ["", "gAAAAABo", MARK + "%%%", MARK + "/w=="])
def test_what_another_server_sealed_is_nothing(sealed: str) -> None:
    assert unseal(sealed) is None
