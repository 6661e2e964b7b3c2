"""A model in one file, in several, of which `name-00001-of-00003.gguf` stands for all, or in a folder for MLX."""

import os
import re
from dataclasses import replace
from pathlib import Path

from ..errors import ModelUnusable
from . import gguf, layout
from .fit.fit import Body
from .layout import Weights
from .mlx import folder

PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")


def parts(path: Path) -> list[Path]:
    found = PART.search(path.name)
    if not found:
        return [path]
    stem = path.name[: found.start()]
    return [path.with_name(f"{stem}-{number:05}-of-{found[2]}.gguf") for number in range(1, int(found[2]) + 1)]


def body_of_file(path: Path, name: str) -> Body:
    """Out of the first part's header, and the sizes of all; ModelUnusable where one is missing or damaged."""
    if folder.is_folder(path):
        return folder.body(path, name)
    files = parts(path)
    missing = [file.name for file in files if not os.path.exists(file)]
    if missing and len(files) > 1:
        raise ModelUnusable(f"{path.name} is one of {len(files)} parts, and {missing[0]} is not beside it.")
    header = gguf.check(files[0])
    for file in files[1:]:
        gguf.check(file)
    return body_of(header, name, sum(file.stat().st_size for file in files) - header.data)


def body_of(header: gguf.Header, name: str, total: int | None = None) -> Body:
    """`total`: bytes of all parts, of which this header describes only the first."""
    weights = layout.weights(header)
    return Body(name, layout.geometry(header), weights if total is None else _scaled(weights, total))


def _scaled(weights: Weights, total: int) -> Weights:
    """Of types that are newer than our list the header says no sizes, but the file has one."""
    active = weights.active * total // weights.total if weights.total else total
    return replace(weights, total=total, active=active)
