"""What a model wrote as arguments, held to the tool's schema. Pure."""

import json
import re
from itertools import islice
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from .tool import Tool, ToolFailed

LONGEST = 16 * 2**20
LONGEST_REASON = 300
# Some have a million things wrong with them, and each takes its time.
MOST = 1000
MOST_WRONG = 20
# Patterns and references of others could keep us busy for ever.
ANY_OBJECT = {"type": "object"}
HALVES = re.compile("[\ud800-\udfff]")


def arguments(tool: Tool, text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise ToolFailed(f"The arguments of {tool.name} are longer than {LONGEST} characters.")
    try:
        given = json.loads(text or "{}", parse_constant=_no_number)
        if HALVES.search(json.dumps(given, ensure_ascii=False)):
            raise ToolFailed(f"The arguments of {tool.name} have halves of characters in them, which are no text.")
        if isinstance(given, dict) and len(given) > MOST:
            raise ToolFailed(f"The arguments of {tool.name} are more than {MOST}.")
        faults = Draft202012Validator(ANY_OBJECT if tool.checks else tool.schema).iter_errors(given)
        wrong = best_match(islice(faults, MOST_WRONG))
    except (ValueError, RecursionError) as error:
        raise ToolFailed(f"The arguments of {tool.name} are no JSON: {str(error)[:LONGEST_REASON]}.") from None
    if wrong:
        place = ".".join(str(part) for part in wrong.absolute_path)
        where = f"`{place}` of {tool.name}" if place else f"The arguments of {tool.name}"
        raise ToolFailed(f"{where} cannot be used: {wrong.message[:LONGEST_REASON]}.")
    assert isinstance(given, dict), "every schema of a tool wants an object"
    return given


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
