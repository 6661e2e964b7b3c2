"""A folder for MLX: whether it is whole, and all that its fit follows from, before an engine touches it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import ModelUnusable
from ..fit.fit import Body
from ..hub.folder_files import CONFIG, WEIGHTS, is_weights
from ..layout import Weights
from . import architectures, safetensors
from .config import BITS, EXPERTS, EXPERTS_USED, Config
from .geometry import geometry
from .place import Local, Place
from .safetensors import Entry

TOKENIZER, INDEX = "tokenizer.json", "model.safetensors.index.json"
SHARD = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.safetensors")
# A vocabulary of 256,000 tokens takes some 30 MB.
MOST_JSON = 2**28
# What a weight may be kept as: whole ones, and codes of quantised ones.
HALVES = ("F16", "BF16")
FLOATS = (*HALVES, "F32")
CODES = "U32"
SCALES = (*FLOATS, "U8")  # small floats are told by their exponent alone
INPUT, OUTPUT = "embed_tokens.", "lm_head."
OF_EXPERTS = re.compile(r"\.(experts|switch_mlp)\.")


def is_folder(path: Path) -> bool:
    return path.joinpath(CONFIG).is_file()


def body(path: Path, name: str) -> Body:
    """ModelUnusable says what is wrong with a folder that cannot be loaded."""
    place = Local(path)
    found = described(place, name)
    _check_tokenizer(place)
    return found


def described(place: Place, name: str) -> Body:
    """Out of its configuration and the headers of its weights."""
    config = configuration(place)
    shape = geometry(config)
    listed = entries(place)
    _check(listed, config, place)
    _check_has_tokenizer(place)
    return Body(name, shape, weights(listed, config), "mlx", widened(listed))


def configuration(place: Place) -> Config:
    config = Config(_json(place, CONFIG), place.name)
    architectures.check(config.architecture, place.name)
    return config


def weights(entries: list[Entry], config: Config) -> Weights:
    total = sum(entry.bytes for entry in entries)
    table = sum(entry.bytes for entry in entries if INPUT in entry.name)
    output = sum(entry.bytes for entry in entries if OUTPUT in entry.name)
    experts = sum(entry.bytes for entry in entries if OF_EXPERTS.search(entry.name))
    known, used = config.number(*EXPERTS), config.number(*EXPERTS_USED)
    idle = experts - experts * used // known if known else 0
    # A table that serves for both ends is read whole for each token, otherwise only one row of it.
    return Weights(total, table, output or table, total - idle - (table if output else 0), shared=not output)


def widened(listed: list[Entry]) -> int:
    """Bytes that its numbers of 16 bits take more where they are computed with in 32: on processors."""
    return sum(entry.bytes for entry in listed if entry.dtype in HALVES)


def parameters(listed: list[Entry], config: Config) -> int:
    """Packed ones count as what they stand for."""
    bits = config.quantisation.bits if config.quantisation else 0
    return sum(_parameters(entry, bits) for entry in listed)


def entries(place: Place) -> list[Entry]:
    there = set(place.files())
    shards = _shards(place, there)
    missing = [file for file in shards if file not in there]
    if missing:
        raise ModelUnusable(f"{missing[0]} is missing in {place.name}. {place.mend}")
    return [entry for file in shards for entry in _read(place, file)]


def _parameters(entry: Entry, bits: int) -> int:
    if entry.name.endswith((".scales", ".biases")):
        return 0
    return entry.numbers * 32 // bits if entry.dtype == CODES and bits else entry.numbers


def _read(place: Place, file: str) -> list[Entry]:
    name = f"{place.name}/{file}"
    try:
        with place.open(file) as opened:
            return safetensors.read(opened, place.size(file), name, place.mend)
    except PermissionError:
        raise _forbidden(name) from None


def _json(place: Place, file: str) -> dict[str, Any]:
    name = f"{place.name}/{file}"
    if file not in place.files():
        raise ModelUnusable(f"There is no {file} in {place.name}. {place.mend}")
    try:
        if place.size(file) > MOST_JSON:
            raise ModelUnusable(f"{name} is too large to be true. {place.mend}")
        with place.open(file) as opened:
            value = json.loads(opened.read())
    except PermissionError:
        raise _forbidden(name) from None
    except (ValueError, RecursionError):
        raise ModelUnusable(f"{name} is not JSON. {place.mend}") from None
    if not isinstance(value, dict):
        raise ModelUnusable(f"{name} is not an object of JSON. {place.mend}")
    return value


def _forbidden(name: str) -> ModelUnusable:
    return ModelUnusable(f"{name} may not be read by this user. Mend it with: chmod +r {name}")


def _shards(place: Place, there: set[str]) -> list[str]:
    """As the index names them; without one, all that are there, and those that their numbers speak of."""
    if INDEX in there:
        named = _json(place, INDEX).get("weight_map")
        if not isinstance(named, dict) or not named or not all(map(_plain, named.values())):
            raise ModelUnusable(f"{place.name}/{INDEX} names no files. {place.mend}")
        return sorted(set(named.values()))
    found = [file for file in there if is_weights(file)]
    if not found:
        raise ModelUnusable(f"There is no {WEIGHTS} in {place.name}: the weights are missing. {place.mend}")
    return sorted({part for file in found for part in _parts(file)})


def _plain(name: Any) -> bool:
    """A file of this folder, and no other."""
    return isinstance(name, str) and re.fullmatch(r"model[\w.-]*\.safetensors", name) is not None


def _parts(file: str) -> Iterator[str]:
    found = SHARD.fullmatch(file)
    count = int(found[3]) if found else 0
    yield file
    if found and count < 10_000:
        yield from (f"{found[1]}-{part:05}-of-{found[3]}.safetensors" for part in range(1, count + 1))


def _check(listed: list[Entry], config: Config, place: Place) -> None:
    """Whether every weight is kept in a way that can be computed with."""
    named = {entry.name: entry for entry in listed}
    if not any(entry.name.endswith(".weight") for entry in listed):
        raise ModelUnusable(f"There are no weights in {place.name}. {place.mend}")
    for entry in listed:
        if not entry.name.endswith(".weight"):
            continue
        scales = named.get(f"{entry.name.removesuffix('weight')}scales")
        if entry.dtype == CODES or scales:
            _check_quantised(entry, scales, config, place)
        elif entry.dtype not in FLOATS:
            raise _wrong_type(entry, place)


def _check_quantised(entry: Entry, scales: Entry | None, config: Config, place: Place) -> None:
    if entry.dtype != CODES or scales is None or scales.dtype not in SCALES:
        raise _wrong_type(scales if scales and entry.dtype == CODES else entry, place)
    if config.quantisation is None:
        raise ModelUnusable(f"{place.name}/{CONFIG} does not say how its weights are quantised. {place.mend}")
    groups = scales.shape[-1] if scales.shape else 0
    columns = entry.shape[-1] * 32 if entry.shape else 0
    if not groups or columns not in [groups * size * bits for bits in BITS for size in (16, 32, 64, 128)]:
        raise ModelUnusable(f"{entry.name} in {place.name} does not have the shape of its scales. {place.mend}")


def _wrong_type(entry: Entry, place: Place) -> ModelUnusable:
    return ModelUnusable(
        f"{entry.name} in {place.name} is kept as {entry.dtype}, which MLX cannot compute with. Take a folder that was "
        f"converted for MLX ({', '.join(FLOATS)}, or quantised)."
    )


def _check_has_tokenizer(place: Place) -> None:
    if TOKENIZER not in place.files():
        raise ModelUnusable(f"There is no {TOKENIZER} in {place.name}: without it no text can be read. {place.mend}")


def _check_tokenizer(place: Place) -> None:
    if not isinstance(_json(place, TOKENIZER).get("model"), dict):
        raise ModelUnusable(f"{place.name}/{TOKENIZER} describes no tokenizer. {place.mend}")
