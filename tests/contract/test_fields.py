"""Every field that the official libraries know is honoured, refused by name, or ignored on purpose.

A newer library with a field more fails here until somebody has decided what becomes of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import pytest
from anthropic.types import message_create_params as message
from anthropic.types.beta import message_create_params as beta
from localswarm.api.anthropic import schema as anthropic
from localswarm.api.anthropic.request import from_wire as read_message
from localswarm.api.openai import chat, completions
from localswarm.api.openai.responses import call as responses
from localswarm.api.openai.schemas import chat as chat_schemas
from localswarm.api.openai.schemas import completions as completion_schemas
from localswarm.api.openai.schemas import responses as response_schemas
from localswarm.errors import NotSupported
from openai.types import completion_create_params as completion
from openai.types import embedding_create_params as embedding
from openai.types.chat import completion_create_params as chat_completion
from openai.types.responses import response_create_params as response

SAID = [{"role": "user", "content": "x"}]


@dataclass(frozen=True, slots=True)
class Route:
    known: tuple[type, ...]  # of the library, streamed and whole
    honoured: dict[str, Any]  # in our page of routes
    refused: frozenset[str]
    ignored: frozenset[str]

    @property
    def fields(self) -> set[str]:
        return set().union(*(get_type_hints(one) for one in self.known))


ROUTES = {
    "chat completions": Route(
        (chat_completion.CompletionCreateParamsNonStreaming, chat_completion.CompletionCreateParamsStreaming),
        chat_schemas.REQUEST["properties"],
        frozenset({"audio", "modalities", "moderation", "web_search_options"}),
        # OpenAI's bookkeeping and prices, and hints that change how fast an answer comes but not what it is. Every
        # prompt is cached.
        frozenset(
            {
                "metadata", "prediction", "prompt_cache_options", "prompt_cache_retention", "safety_identifier",
                "service_tier", "verbosity",
            }
        ),
    ),
    "responses": Route(
        (response.ResponseCreateParamsNonStreaming, response.ResponseCreateParamsStreaming),
        response_schemas.REQUEST["properties"],
        frozenset({"background", "conversation", "moderation", "prompt"}),
        # `context_management` asks for a conversation to be shortened; here it is refused when it is too long.
        frozenset(
            {
                "access_programs", "background_options", "context_management", "image", "prompt_cache_options",
                "prompt_cache_retention", "safety_identifier", "service_tier", "stream_options",
            }
        ),
    ),
    "completions": Route(
        (completion.CompletionCreateParamsNonStreaming, completion.CompletionCreateParamsStreaming),
        completion_schemas.REQUEST["properties"],
        frozenset({"suffix"}),
        frozenset(),
    ),
    "embeddings": Route(
        (embedding.EmbeddingCreateParams,),
        completion_schemas.EMBEDDINGS_REQUEST["properties"],
        frozenset(),
        frozenset(),
    ),
    "messages": Route(
        (
            message.MessageCreateParamsNonStreaming,
            message.MessageCreateParamsStreaming,
            beta.MessageCreateParamsNonStreaming,
            beta.MessageCreateParamsStreaming,
        ),
        anthropic.MESSAGES["requestBody"]["content"]["application/json"]["schema"]["properties"]
        | {"output_format": "the older place of `output_config.format`"},
        frozenset({"compaction", "container", "mcp_servers", "thread"}),
        frozenset(
            {
                "betas", "billing_policy", "cache_control", "context_management", "diagnostics",
                "fallback_credit_token", "fallbacks", "inference_geo", "service_tier", "speed", "user_profile_id",
                "workspace_id",
            }
        ),
    ),
}  # fmt: skip
READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "chat completions": lambda more: chat.from_wire({"messages": SAID} | more, "id"),
    "responses": lambda more: responses.from_wire({"input": "x"} | more, "id"),
    "completions": lambda more: completions.from_wire({"prompt": "x"} | more, "id"),
    "messages": lambda more: read_message({"messages": SAID} | more, "id", "", []),
}
# Anything but what a client sends to say that it does not want it.
WISH: Any = {"type": "x"}


@pytest.mark.parametrize("name", ROUTES)
def test_every_field_was_thought_of(name: str) -> None:
    route = ROUTES[name]
    left = route.fields - route.honoured.keys()
    assert left == route.refused | route.ignored
    assert not (route.refused & route.ignored)


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, one in ROUTES.items() for field in sorted(one.refused)]
)
def test_what_cannot_be_done_is_refused_by_name(name: str, field: str) -> None:
    with pytest.raises(NotSupported) as refused:
        READERS[name]({field: WISH})
    assert refused.value.param == field


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, one in ROUTES.items() for field in sorted(one.ignored)]
)
def test_what_means_nothing_here_is_ignored(name: str, field: str) -> None:
    READERS[name]({field: WISH})
