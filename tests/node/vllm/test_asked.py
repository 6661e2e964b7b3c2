"""Whatever answers on a port: it is alive, and no more is believed of it than it says in order."""

import pytest
from localswarm.node.vllm.asked import Said, ask_now

from ...cli.command import answering


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_list_of_models(body: bytes) -> None:
    with answering({"/health": (200, b""), "/v1/models": (200, body)}) as (url, _):
        assert ask_now(f"{url}/v1", "") == Said(alive=True)
