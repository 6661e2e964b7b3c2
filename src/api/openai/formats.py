"""The form that an answer must have, from the wire. Pure."""

from ...chat import ResponseFormat
from ..fields import Fields


def read(fields: Fields, key: str) -> ResponseFormat | None:
    wish = fields.fields(key)
    if wish is None:
        return None
    kind = wish.needed("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return ResponseFormat(_schema(wish))
    if kind != "json_schema":
        raise wish.unsupported("type", f'"{kind[:40]}" is not supported by this server')
    # Chat completions nest what responses keep on one level.
    held = wish.fields("json_schema") or wish
    if held.raw("schema") is None:
        raise held.missing("schema") if held is not wish else wish.missing("json_schema")
    held.text("description")
    return ResponseFormat(_schema(held), held.text("name") or "", held.truth("strict") or False)


def _schema(fields: Fields) -> dict[str, object]:
    schema = fields.fields("schema")
    return dict(schema.values) if schema else {}
