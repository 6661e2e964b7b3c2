"""Schemas to try: each file holds some by name. They are written here, in the manner of what agents and MCP servers
send, of collections from the web, of the JSON Schema Test Suite, and of what careless clients make.

In `hopeless` are those that must be refused, in `sloppy` those that are no right JSON Schema themselves.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def load(name: str) -> dict[str, Any]:
    schemas: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return schemas
