"""Frozen dataclasses to JSON and back, by the types of their fields.

A field that is not known is ignored, one that is missing has its default: so the next version may add some. Nothing but
what the types name can come out. Where several dataclasses are possible, `t` says by its name which one it is.
"""

import dataclasses
from collections.abc import Callable, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ...errors import BadRequest
from .json_text import dump, parse
from .scalars import OBJECT, SCALARS, Form, Wrong, same

Value = TypeVar("Value")
TAG = "t"


class Codec(Generic[Value]):
    """`kind`: a dataclass, or a union of some. `what`: how one is called in an error. `clean`: leaves out of what comes
    what cannot be true."""

    def __init__(self, kind: Any, what: str, clean: Callable[[Value], Value] = same) -> None:
        self._form = form_of(kind)
        self._what = what
        self._clean = clean

    def put(self, value: Value) -> Any:
        return self._form.put(value)

    def take(self, data: Any) -> Value:
        try:
            return self._clean(cast(Value, self._form.take(data)))
        except Wrong as wrong:
            where = ".".join(reversed(wrong.path))
            at = f" at '{where}'" if where else ""
            raise BadRequest(f"{self._what} is not as it must be{at}: {wrong.why}.", where or None) from None

    def dump(self, value: Value) -> bytes:
        return dump(self.put(value))

    def load(self, data: bytes) -> Value:
        return self.take(parse(data, self._what))


@cache
def form_of(kind: Any) -> Form:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in SCALARS:
        return SCALARS[kind]
    if origin is Literal:
        return _literal(inner)
    if origin is tuple:
        return _many(inner[0]) if inner[1:] == (...,) else _fixed(inner)
    if origin in (Union, UnionType):
        return _union(inner)
    if origin is dict:
        return OBJECT
    if dataclasses.is_dataclass(kind):
        return _record(cast(type, kind))
    raise TypeError(f"{kind} cannot cross the wire.")


def _literal(values: Sequence[Any]) -> Form:
    kinds = tuple({type(value) for value in values})

    def take(data: Any) -> Any:
        if type(data) not in kinds or data not in values:
            raise Wrong(f"one of {', '.join(map(str, values))} is expected")
        return data

    return Form(kinds, kinds, lambda value: value, take)


def _many(kind: Any) -> Form:
    form = form_of(kind)

    def take(data: Any) -> tuple[Any, ...]:
        return tuple([_within(str(at), form, one) for at, one in enumerate(_array(data))])

    return Form((tuple,), (list,), lambda value: [form.put(one) for one in value], take)


def _fixed(kinds: Sequence[Any]) -> Form:
    forms = [form_of(kind) for kind in kinds]

    def put(value: Any) -> Any:
        return [form.put(one) for form, one in zip(forms, value, strict=True)]

    def take(data: Any) -> tuple[Any, ...]:
        if len(_array(data)) != len(forms):
            raise Wrong(f"{len(forms)} values are expected")
        return tuple([_within(str(at), form, one) for at, (form, one) in enumerate(zip(forms, data, strict=True))])

    return Form((tuple,), (list,), put, take)


def _array(data: Any) -> list[Any]:
    if type(data) is not list:
        raise Wrong("an array is expected")
    return data


def _within(name: str, form: Form, data: Any) -> Any:
    try:
        return form.take(data)
    except Wrong as wrong:
        wrong.path.append(name)
        raise


def _record(kind: type) -> Form:
    @cache
    def fields() -> list[tuple[str, Form, bool]]:
        # Not before it is used: a type may hold itself.
        hints = get_type_hints(kind)
        return [(field.name, form_of(hints[field.name]), _required(field)) for field in dataclasses.fields(kind)]

    def put(value: Any) -> dict[str, Any]:
        return {name: form.put(getattr(value, name)) for name, form, _ in fields()}

    def take(data: Any) -> Any:
        if type(data) is not dict:
            raise Wrong("an object is expected")
        found = {}
        for name, form, required in fields():
            if name in data:
                found[name] = _within(name, form, data[name])
            elif required:
                raise Wrong(f"'{name}' is missing")
        return kind(**found)

    return Form((kind,), (dict,), put, take)


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _union(kinds: Sequence[Any]) -> Form:
    records = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    forms = [form_of(kind) for kind in kinds if len(records) < 2 or kind not in records]
    if len(records) > 1:
        forms.append(_tagged(records))
    puts = {kind: form.put for form in forms for kind in form.of}
    takes = _by_json(forms)

    def take(data: Any) -> Any:
        if (reader := takes.get(type(data))) is None:
            raise Wrong("it is of a type that is not expected here")
        return reader(data)

    return Form(tuple(puts), tuple(takes), lambda value: puts[type(value)](value), take)


def _by_json(forms: Sequence[Form]) -> dict[type, Callable[[Any], Any]]:
    found: dict[type, Callable[[Any], Any]] = {}
    for form in forms:
        for kind in form.comes:
            if kind in found and kind is not NoneType:
                raise TypeError(f"Two forms come as {kind}.")
            found[kind] = form.take
    return found


def _tagged(records: Sequence[Any]) -> Form:
    named = {kind.__name__: form_of(kind) for kind in records}

    def put(value: Any) -> Any:
        name = type(value).__name__
        return {TAG: name, **named[name].put(value)}

    def take(data: Any) -> Any:
        form = named.get(tag) if isinstance(tag := data.get(TAG), str) else None
        if form is None:
            raise Wrong(f"'{TAG}' must be one of {', '.join(named)}")
        return form.take(data)

    return Form(tuple(records), (dict,), put, take)
