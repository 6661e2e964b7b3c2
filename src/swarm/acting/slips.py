"""What is no call, so that the model can be told. Nothing is ever carried out of it. Pure."""

import re
from collections.abc import Container, Sequence

# Only where the text begins with it: an answer may speak of calls.
SLIP = re.compile(r'\s*(?:```\w*\s*|<tool_call>\s*)?\{+\s*"name"\s*:\s*"([^"]{1,64})"\s*,\s*"(?:arguments|parameters)"')
MOST = 2


def slipped(text: str, names: Container[str]) -> bool:
    """`names`: of the tools that there are."""
    found = SLIP.match(text)
    return bool(found and found[1] in names)


def wrong(what: str, names: Sequence[str]) -> str:
    """For the model. `what`: it did that cannot be."""
    mend = f"The tools are: {', '.join(names)}." if names else "Answer in words."
    return f"[Nothing was done: your last answer {what}. {mend}]"
