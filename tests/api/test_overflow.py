"""What does not fit is told of by the field that the client filled; how much it is can be counted all the same."""

from typing import Any

import httpx
import pytest
from localswarm.errors import ContextOverflow

from ..running import RunningNode
from ..swarm.scripted import ScriptedMember
from .serving import served

CONVERSATION = {"model": "swarm", "messages": [{"role": "user", "content": "hello"}]}
PROMPT = {"model": "swarm", "prompt": "hello"}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/generate", PROMPT, "prompt"),
        ("/api/generate", PROMPT | {"raw": True}, "prompt"),
        ("/api/chat", CONVERSATION, "messages"),
        ("/v1/completions", PROMPT, "prompt"),
        ("/v1/chat/completions", CONVERSATION, "messages"),
        ("/v1/responses", {"model": "swarm", "input": "hello"}, "input"),
    ],
)
def test_the_field_that_was_filled(path: str, body: dict[str, Any], field: str, stream: bool) -> None:
    with served(ScriptedMember([ContextOverflow(9000, 4096)])) as base:
        answer = httpx.post(base + path, json=body | {"stream": stream})
    assert answer.status_code == 400 and f"your {field} resulted in 9000 tokens" in answer.text


def test_a_conversation_of_very_many_messages_is_counted(node: RunningNode) -> None:
    """No model's context holds it, and its template's own markers are more than a text may have."""

    def counted(messages: int) -> int:
        roles = ("user", "assistant")
        body = [{"role": roles[at % 2], "content": "hello there"} for at in range(messages)]
        answer = httpx.post(f"{node.base}/messages/count_tokens", json={"messages": body}, timeout=60)
        assert answer.status_code == 200, answer.text
        found: int = answer.json()["input_tokens"]
        return found

    few, more = counted(101), counted(1101)
    assert counted(15_101) == few + 15 * (more - few)
