"""What a vLLM says of itself over HTTP."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import anyio

ASK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Said:
    """`alive`: somebody speaks HTTP there. `healthy`: /health is content. `models`: the ids of its list."""

    alive: bool = False
    healthy: bool = False
    status: int = 0  # of its list of models
    models: tuple[str, ...] = ()


async def ask(base: str, key: str, seconds: float = ASK_SECONDS) -> Said:
    """`base` ends in /v1."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            async with session.get(base.removesuffix("/v1") + "/health", allow_redirects=False) as health:
                healthy = health.status == 200
            async with session.get(f"{base}/models", allow_redirects=False) as listed:
                found = await listed.json(content_type=None) if listed.status == 200 else None
                return Said(True, healthy, listed.status, _ids(found))
    except (
        aiohttp.ServerDisconnectedError, aiohttp.ClientResponseError, aiohttp.ClientPayloadError, ValueError,
        RecursionError,
    ):  # fmt: skip
        return Said(alive=True)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return Said()


def ask_now(base: str, key: str) -> Said:
    return anyio.run(ask, base, key)


def _ids(found: Any) -> tuple[str, ...]:
    listed = found.get("data") if isinstance(found, dict) else None
    entries = listed if isinstance(listed, list) else []
    return tuple(str(one["id"]) for one in entries if isinstance(one, dict) and "id" in one)
