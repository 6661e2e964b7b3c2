"""What has to be typed or pasted so that coding agents use the tools of a node over MCP."""

import json
import shlex
import sys
from collections.abc import Sequence

from .connect import Address
from .own_node import COMMAND

NAME = "local-swarm"
PATH = "/mcp"
# That of the node itself, so that whoever has it set needs no other.
API_KEY_VARIABLE = "LOCALSWARM_API_KEY"


def in_words(address: Address) -> str:
    parts = (
        ("opencode: in opencode.json", opencode(address)),
        ("Claude Code", claude(address)),
        ("codex: in ~/.codex/config.toml", codex(address)),
        ("Any other: as a program that is started", shlex.join(program(address))),
    )
    said = "\n\n".join(f"{title}\n\n{_indented(text)}" for title, text in parts)
    return f"{said}\n\n{_key(address)}" if address.key else said


def opencode(address: Address) -> str:
    headers = {"headers": {"Authorization": f"Bearer {{env:{API_KEY_VARIABLE}}}"}} if address.key else {}
    server = {"type": "remote", "url": address.url + PATH, "enabled": True, **headers}
    return json.dumps({"$schema": "https://opencode.ai/config.json", "mcp": {NAME: server}}, indent=2)


def claude(address: Address) -> str:
    header = f' --header "Authorization: Bearer ${API_KEY_VARIABLE}"' if address.key else ""
    return f"claude mcp add --transport http {NAME} {address.url + PATH}{header}"


def codex(address: Address) -> str:
    key = f'\nbearer_token_env_var = "{API_KEY_VARIABLE}"' if address.key else ""
    return f'[mcp_servers.{NAME}]\nurl = "{address.url + PATH}"{key}'


def program(address: Address) -> Sequence[str]:
    """The last word of the usual command is the one that starts a node. Agents start it in any folder."""
    key = ("--api-key-file", str(address.key_file.absolute())) if address.key_file else ()
    return (sys.executable, *COMMAND[1:-1], "tools", "mcp", "--url", address.url, *key)


def _key(address: Address) -> str:
    where = f': {API_KEY_VARIABLE}="$(cat {shlex.quote(str(address.key_file))})"' if address.key_file else "."
    return f"The agent needs the API key of the node in its variable {API_KEY_VARIABLE}{where}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
