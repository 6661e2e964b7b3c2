"""A call that nobody can read, so that the model can be told. Nothing is ever carried out of it. Pure."""

import re
from collections.abc import Container

# Only where the text begins with it: an answer may speak of calls.
SLIP = re.compile(r'\s*(?:```\w*\s*|<tool_call>\s*)?\{+\s*"name"\s*:\s*"([^"]{1,64})"\s*,\s*"(?:arguments|parameters)"')
MOST = 2


def slipped(text: str, names: Container[str]) -> bool:
    """`names`: of the tools that there are."""
    found = SLIP.match(text)
    return bool(found and found[1] in names)
