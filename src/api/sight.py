"""A picture for a model that cannot see is an error at once, and not an answer that knows nothing of it."""

from collections.abc import Sequence

from ..chat import ChatRequest, Image
from ..errors import BadRequest
from ..swarm.answer import is_named
from ..swarm.member import Served
from ..swarm.routing import without_tools


def check(request: ChatRequest, models: Sequence[Served]) -> None:
    if not any(isinstance(part, Image) for message in request.messages for part in message.parts):
        return
    name = without_tools(request.model)
    for served in models:
        if is_named(served.id, name) and not served.details.sees:
            raise BadRequest(f"The model '{served.id}' reads text only; it cannot see images.", "messages")
