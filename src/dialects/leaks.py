"""What models write instead of their own form when they mean a call.

Only what was seen in earnest: JSON in a fence, a bare JSON object (or an array of them) where the answer begins, and
<tool_call> tags. It counts only with a name that was offered and arguments that satisfy its schema; a command in
prose never does.
"""

from .careful import Careful, Schemas
from .family import CallReader
from .json_calls import JsonCalls

FENCE = "```"
TAG = "<tool_call>"
# These only where the answer begins.
BARE = ("{", "[")
LABELS = ("", "json", "tool_call", "tool_calls", "tool_code")


def reader(trigger: str, schemas: Schemas) -> CallReader:
    """For text that begins with FENCE, TAG or one of BARE."""
    return Careful(_form(trigger, frozenset(schemas)), schemas, strict=True)


def _form(trigger: str, names: frozenset[str]) -> CallReader:
    if trigger == FENCE:
        return JsonCalls(names, FENCE, FENCE, LABELS)
    if trigger == TAG:
        return JsonCalls(names, TAG, "</tool_call>")
    return JsonCalls(names)
