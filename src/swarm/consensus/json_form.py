"""An answer in JSON in its canonical form: equal field by field, in lists item by item. Pure."""

from ...chat import ResponseFormat
from .fields import fields
from .reading import meant, parsed
from .said import Said
from .schemas import cleaned, wrong


def said(text: str, wanted: ResponseFormat) -> Said:
    try:
        value = parsed(text)
    except ValueError:
        return Said(why="It is no JSON.")
    schema = cleaned(wanted.schema)
    read = meant(value, schema, schema)
    if problems := wrong(read, schema, schema):
        return Said(why=f"It does not fit its schema: {problems[0]}.")
    found = fields(read, schema)
    return Said(found.hard, found.soft, not wrong(value, schema, schema))
