"""JSON as bytes: what others send is taken strictly, what is sent is always taken there."""

import json
from typing import Any, NoReturn

from ...errors import BadRequest


def dump(value: Any) -> bytes:
    """Half a character, which means nothing, becomes a question mark: nobody could read it."""
    return _ENCODER.encode(value).encode(errors="replace")


# Values of one message. A conversation has thousands; an empty list in the message takes three bytes, and in memory a
# hundred, while everybody else waits.
MOST_VALUES = 2**20


def parse(data: bytes, what: str) -> Any:
    """`what`: how it is called in an error."""
    if len(data) > MOST_VALUES and sum(map(data.count, (b"[", b"{", b","))) > MOST_VALUES:
        # Those within texts are counted too: this costs a few milliseconds, and no text has so many.
        raise BadRequest(f"{what} has more values than anybody would send.")
    try:
        return _DECODER.decode(data.decode())
    except RecursionError:
        raise BadRequest(f"{what} is nested too deeply.") from None
    except ValueError:
        raise BadRequest(f"{what} is no JSON.") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_refuse)
