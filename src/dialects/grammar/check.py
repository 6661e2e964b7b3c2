"""Does a value satisfy a cleaned schema? For calls that a model wrote without being held to it."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from .patterns import matches

MOST_PROBLEMS = 8
LONGEST_PROBLEM = 200


def problems(value: Any, schema: dict[str, Any]) -> list[str]:
    """A sentence for each, the first few; none: it does."""
    found: list[str] = []
    try:
        for error in VALIDATOR(schema).iter_errors(value):
            found.append(_told(error))
            if len(found) == MOST_PROBLEMS:
                break
    except RecursionError:
        return ["The value is nested too deeply."]
    return found


def _told(error: ValidationError) -> str:
    where = ".".join(str(step) for step in error.absolute_path)
    text = f"{where}: {error.message}" if where else error.message
    return text if len(text) <= LONGEST_PROBLEM else f"{text[: LONGEST_PROBLEM - 3]}..."


def _pattern(validator: Any, pattern: str, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], value: Any, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, part in patterns.items():
            for name, item in value.items():
                if matches(pattern, name):
                    yield from validator.descend(item, part, path=name, schema_path=pattern)


def _others(validator: Any, part: Any, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    patterns = schema.get("patternProperties", {})
    for name, item in value.items():
        if name in schema.get("properties", {}) or any(matches(pattern, name) for pattern in patterns):
            continue
        if part is False:
            yield ValidationError(f"There is no property {name!r}")
        else:
            yield from validator.descend(item, part, path=name)


def _multiple(validator: Any, step: float, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if not math.isfinite(value) or Fraction(str(value)) % Fraction(str(step)):
        yield ValidationError(f"{value} is not a multiple of {step}")


# The library's own go through Python's `re`, which a client's pattern can keep busy for ever, and through binary
# fractions, in which 9.7 is no multiple of 0.01.
VALIDATOR = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _others,
        "multipleOf": _multiple,
    },
)
