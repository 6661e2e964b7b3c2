"""What models a server has, and what can be said of them."""

from dataclasses import replace
from typing import Any

from ...errors import SwarmError, UpstreamFault
from ..routing import NODE_HEADER
from . import describe, refusals
from .describe import OURS, Told
from .http import Http, Refused
from .refusals import WrongAddress

# Of a server with very many models only so many are asked one by one.
MOST_ASKED = 64


async def probe(http: Http, node: str) -> list[Told]:
    """`node`: our own name among nodes, by which an address is known that leads back to us."""
    base = http.address.base
    try:
        body, headers = await http.ask(f"{base}/models")
    except Refused as refused:
        # Its model may not be loaded yet, or it may want a key.
        raise _itself(base) if node and refused.refusal.node == node else _refused(refused, base) from None
    if node and headers.get(NODE_HEADER) == node:
        raise _itself(base)
    told = describe.listed(body, http.address.host)
    if not told:
        raise UpstreamFault(f"The server at {base} has no models of its own (GET {base}/models).")
    return await _described(http, told)


async def _described(http: Http, told: list[Told]) -> list[Told]:
    """Each kind of server tells more on a route of its own; one that is not there says nothing."""
    root, base = http.address.root, http.address.base
    owners = {one.owner for one in told}
    if OURS in owners:
        return told
    if "llamacpp" in owners and (props := await _asked(http, f"{root}/props")):
        return [describe.with_props(one, props) for one in told] if len(told) == 1 else told
    if "library" in owners or await _asked(http, f"{root}/api/version"):
        return await _ollama(http, told)
    if all(one.context for one in told):
        return told
    for route, described in (
        (f"{base}/model/info", describe.with_litellm),
        (f"{root}/api/v1/models", describe.with_lmstudio),
        (f"{root}/api/v0/models", describe.with_lmstudio),
    ):
        if found := await _asked(http, route):
            return [described(one, found) for one in told]
    return told


async def _ollama(http: Http, told: list[Told]) -> list[Told]:
    running = await _asked(http, f"{http.address.root}/api/ps")
    found = []
    for one in told[:MOST_ASKED]:
        shown = await _asked(http, f"{http.address.root}/api/show", {"model": one.name})
        found.append(describe.with_ollama(one, shown, running) if shown else one)
    return found + told[MOST_ASKED:]


async def _asked(http: Http, url: str, body: dict[str, Any] | None = None) -> Any:
    """None where there is no such route."""
    try:
        found, _ = await http.ask(url, body)
    except (Refused, SwarmError):
        return None
    return found if isinstance(found, dict) else None


def _itself(base: str) -> SwarmError:
    return WrongAddress(f"{base} is this node itself. Take it out of --upstream: it would ask itself for ever.")


def _refused(refused: Refused, base: str) -> SwarmError:
    refusal = refused.refusal
    if refusal.status in (404, 405):
        return WrongAddress(
            f"There is no list of models at {base}/models ({refusal.status}). Is this the address of an "
            "OpenAI-compatible API? It mostly ends in /v1."
        )
    return refusals.to_error(replace(refusal, overflow=None), base, "", 0)
