"""OpenAI's own library against the real application."""

import contextlib
from collections.abc import Callable, Iterator

import openai
import pytest

from tests.api.serving import served
from tests.swarm.scripted import ScriptedMember

Connect = Callable[[ScriptedMember], openai.OpenAI]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A client of a server with this member; all of them end with the test."""
    with contextlib.ExitStack() as stack:

        def start(member: ScriptedMember) -> openai.OpenAI:
            address = stack.enter_context(served(member))
            client = openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=10)
            return stack.enter_context(client)

        yield start
