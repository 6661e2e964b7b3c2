"""JSON as bytes: what others send is taken strictly, what is sent is always taken there."""

import json
from typing import Any, NoReturn

from ...errors import BadRequest


def dump(value: Any) -> bytes:
    """Half a character, which means nothing, becomes a question mark: nobody could read it."""
    return _ENCODER.encode(value).encode(errors="replace")


def parse(data: bytes, what: str) -> Any:
    """`what`: how it is called in an error."""
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
