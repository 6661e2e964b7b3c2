"""The tool host that models of this machine use: is it there, may it be used, and does it say what it has?"""

from collections.abc import Mapping
from typing import Any

from ...errors import SwarmError
from ...settings import Settings
from ..client import Client, NodeDown
from ..machines import LONGEST_SENTENCE, clean
from .federation import told
from .finding import Finding, Situation, fail, ok, warn

NONE = "models of this machine use no tools of a tool host"
SEE = "See there: python main.py status, and python main.py doctor"


def check_tool_host(situation: Situation) -> Finding:
    settings = situation.settings
    found = told(settings)
    if found is not None:
        return host(found.get("tool_host"))
    wanted = settings.tool_host
    if wanted and "://" in wanted:
        return _at(wanted, settings)
    return ok(f"{wanted} is looked for by a node, and none runs here now" if wanted else NONE)


def host(place: Any) -> Finding:
    """`place`: as a node tells of it."""
    if not isinstance(place, Mapping):
        return ok(NONE)
    if trouble := clean(place.get("trouble"), LONGEST_SENTENCE):
        return fail(trouble, SEE)
    tools = place.get("tools")
    count, where = len(tools) if isinstance(tools, list) else 0, clean(place.get("where"), LONGEST_SENTENCE)
    if not count:
        return warn(f"{where} has no tools now", f"Is it started with --tool-server --root FOLDER? {SEE}")
    return ok(f"{where} has {count} tools")


def _at(url: str, settings: Settings) -> Finding:
    try:
        tools = Client(url, settings.tool_key).tools()
    except NodeDown:
        return fail(f"nobody answers at {url}", "Start it there with: python main.py --tool-server --root FOLDER")
    except SwarmError as error:
        return fail(error.message, "Its key, where it needs one, is in the variable LOCALSWARM_TOOL_KEY here")
    return ok(f"{url} has {len(tools)} tools")
