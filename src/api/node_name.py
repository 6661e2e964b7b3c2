"""The name of this node, told wherever models are listed, errors included: by it a node knows that it asks itself."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..swarm.routing import NODE_HEADER

PATH = "/v1/models"


class NodeName:
    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[NODE_HEADER] = self._name
            await send(message)

        tells = self._name and scope["type"] == "http" and scope["path"] == PATH
        await self._app(scope, receive, named if tells else send)
