"""What models write instead of their own form when they mean a call.

Only what was seen in earnest: JSON in a fence, a bare JSON object (or an array of them) where the answer begins, and
<tool_call> tags. It counts only with a name that was offered and arguments that satisfy its schema; a command in
prose never does.
"""

from .careful import Careful, Schemas
from .family import CallReader
from .grammar.heads import FENCE, LABELS, TAG, TAG_END
from .json_calls import JsonCalls
from .stray import Heads, Stray

# These only where the answer begins.
BARE = ("{", "[")


def reader(trigger: str, schemas: Schemas, heads: Heads | None = None) -> CallReader:
    """For text that begins with FENCE, TAG or one of BARE. `heads`: what the grammar enforces of this."""
    careful = Careful(_form(trigger, frozenset(schemas)), schemas, strict=True)
    return Stray(heads, trigger, careful) if heads and trigger in heads.by_trigger else careful


def _form(trigger: str, names: frozenset[str]) -> CallReader:
    if trigger == FENCE:
        return JsonCalls(names, FENCE, FENCE, LABELS)
    if trigger == TAG:
        return JsonCalls(names, TAG, TAG_END)
    return JsonCalls(names)
