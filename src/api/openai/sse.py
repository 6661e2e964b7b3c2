"""One server-sent event as bytes."""

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def event(data: dict[str, Any], name: str = "") -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()
