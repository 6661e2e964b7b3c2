"""The conversion of one file: once, into a folder that is either finished or not there."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import ModelUnusable
from ... import gguf
from ...gguf import Header
from ...hub.lock import held
from ...parts import parts
from .. import safetensors
from . import blocks, family, tokenizer
from .affine import GROUP, Bytes
from .manifest import Manifest
from .weights import Matrix, matrices

Progress = Callable[[float], None]

WEIGHTS = "model.safetensors"
HALF = ".half"
# Left free on the disk.
RESERVE = 256 * 2**20
# Of the SHA-256, in the folder's name.
DIGITS = 12


def converted(
    source: Path,
    sha256: str,
    folders: Path,
    progress: Progress,
    waiting: Callable[[], None] = lambda: None,
    reserve: int = RESERVE,
) -> Path:
    """The folder for MLX of this file, made now if it is not there; `waiting`: while another process makes it."""
    manifest = Manifest(source.name, source.stat().st_size, sha256)
    folder = folders / f"{source.stem}-{sha256[:DIGITS]}"
    if manifest.describes(folder):
        return folder
    try:
        with held(folders / f".{folder.name}.lock", waiting):
            if not manifest.describes(folder):
                _make(source, manifest, folder, progress, reserve)
    except OSError as error:
        raise ModelUnusable(f"{source.name} could not be converted for MLX into {folder} ({error}).") from None
    return folder


def _make(source: Path, manifest: Manifest, folder: Path, progress: Progress, reserve: int) -> None:
    half = folder.with_name(f".{folder.name}{HALF}")
    for old in (half, folder):
        shutil.rmtree(old, ignore_errors=True)
    header = _header(source)
    found = matrices(header, family.of(header, source.name), source.name)
    texts = _texts(header, found, source)
    try:
        half.mkdir()
        wanted = sum(entry.bytes for matrix in found for entry in matrix.entries())
        _check_room(half, wanted, reserve, source.name)
        _write(half, source, header, found, progress)
        for name, value in texts.items():
            half.joinpath(name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        manifest.write(half)
        _sync(half)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _check_room(folder: Path, wanted: int, reserve: int, model: str) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted + reserve:
        raise ModelUnusable(
            f"{model} cannot be converted for MLX: that takes {wanted / 2**30:.1f} GiB in {folder.parent}, and "
            f"{free / 2**30:.1f} GiB are free there."
        )


def _header(source: Path) -> Header:
    if len(parts(source)) > 1:
        raise ModelUnusable(f"{source.name} cannot be converted for MLX: it is in several parts.")
    return gguf.check(source, everything=True)


def _texts(header: Header, found: list[Matrix], source: Path) -> dict[str, dict[str, Any]]:
    vocabulary = tokenizer.read(header, source.name)
    config = family.config(header, vocabulary.ends, _factors(header, source), source.name)
    return {
        "config.json": config | _quantised(found),
        "tokenizer.json": tokenizer.tokenizer(vocabulary, source.name),
        "tokenizer_config.json": tokenizer.settings(vocabulary, config["max_position_embeddings"]),
    }


def _write(folder: Path, source: Path, header: Header, found: list[Matrix], progress: Progress) -> None:
    entries = [entry for matrix in found for entry in matrix.entries()]
    data = np.memmap(source, np.uint8, "r", header.data)
    safetensors.write(folder / WEIGHTS, entries, _data(found, data, progress))


def _factors(header: Header, source: Path) -> tuple[float, ...]:
    for tensor in header.tensors:
        if tensor.name == family.FREQUENCIES and tensor.kind == blocks.F32:
            raw = np.memmap(source, np.uint8, "r")[header.data + tensor.offset :][: tensor.bytes]
            return tuple(map(float, blocks.floats(raw, tensor.kind)))
    return ()


def _quantised(found: list[Matrix]) -> dict[str, Any]:
    """Every matrix says its own bits; MLX wants those of the others beside them."""
    each = {matrix.path: {"group_size": GROUP, "bits": matrix.bits} for matrix in found if matrix.bits}
    if not each:
        return {}
    bits = [one["bits"] for one in each.values()]
    return {"quantization": {"group_size": GROUP, "bits": max(set(bits), key=bits.count)} | each}


def _data(found: list[Matrix], data: Bytes, progress: Progress) -> Iterator[bytes]:
    total, done = sum(matrix.source.bytes for matrix in found), 0
    for matrix in found:
        tensor = matrix.source
        yield from matrix.data(data[tensor.offset : tensor.offset + tensor.bytes])
        done += tensor.bytes
        progress(done / total)


def _sync(folder: Path) -> None:
    """On the disk before the folder gets its name: after a power cut it is whole, or not there."""
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
