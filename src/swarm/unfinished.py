"""JSON that is still being written, ended where it is."""

import json
import re

MARK = re.compile(r'["\\{}\[\]]')
CLOSING = {"{": "}", "[": "]"}


def closed(text: str) -> str | None:
    """With all that is open in it closed; None where that would be no JSON, or would end a number too early."""
    open_, quoted, at = "", False, 0
    while found := MARK.search(text, at):
        at = found.end()
        match found.group():
            case "\\":
                at += 1
            case '"':
                quoted = not quoted
            case "{" | "[" as bracket if not quoted:
                open_ = CLOSING[bracket] + open_
            case "}" | "]" if not quoted:
                open_ = open_[1:]
    if not quoted and not text.rstrip().endswith(('"', "}", "]", ",")):
        return None
    whole = f'{text}"{open_}' if quoted else f"{text.rstrip().removesuffix(',')}{open_}"
    try:
        json.loads(whole)
    except (ValueError, RecursionError):
        return None
    return whole
