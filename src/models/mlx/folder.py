"""A folder for MLX: whether it is whole, and all that its fit follows from, before an engine touches it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import ModelUnusable
from ..fit.fit import Body
from ..layout import Weights
from . import architectures, safetensors
from .config import BITS, EXPERTS, EXPERTS_USED, Config
from .geometry import geometry
from .safetensors import Entry

CONFIG, TOKENIZER, INDEX = "config.json", "tokenizer.json", "model.safetensors.index.json"
SHARDS = "model*.safetensors"
SHARD = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.safetensors")
# A vocabulary of 256,000 tokens takes some 30 MB.
MOST_JSON = 2**28
# What a weight may be kept as: whole ones, and codes of quantised ones.
FLOATS = ("F16", "BF16", "F32")
CODES = "U32"
SCALES = (*FLOATS, "U8")  # small floats are told by their exponent alone
INPUT, OUTPUT = "embed_tokens.", "lm_head."
OF_EXPERTS = re.compile(r"\.(experts|switch_mlp)\.")


def is_folder(path: Path) -> bool:
    return path.joinpath(CONFIG).is_file()


def body(path: Path, name: str) -> Body:
    """ModelUnusable says what is wrong with a folder that cannot be loaded."""
    config = Config(_json(path / CONFIG), str(path))
    architectures.check(config.architecture, str(path))
    shape = geometry(config)
    entries = _entries(path)
    _check(entries, config, path)
    _check_tokenizer(path)
    return Body(name, shape, weights(entries, config))


def weights(entries: list[Entry], config: Config) -> Weights:
    total = sum(entry.bytes for entry in entries)
    table = sum(entry.bytes for entry in entries if INPUT in entry.name)
    output = sum(entry.bytes for entry in entries if OUTPUT in entry.name)
    experts = sum(entry.bytes for entry in entries if OF_EXPERTS.search(entry.name))
    known, used = config.number(*EXPERTS), config.number(*EXPERTS_USED)
    idle = experts - experts * used // known if known else 0
    # A table that serves for both ends is read whole for each token, otherwise only one row of it.
    return Weights(total, table, output or table, total - idle - (table if output else 0), shared=not output)


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_JSON:
            raise ModelUnusable(f"{path} is too large to be true. Download it again.")
        value = json.loads(path.read_bytes())
    except PermissionError:
        raise ModelUnusable(f"{path} may not be read by this user. Mend it with: chmod +r {path}") from None
    except FileNotFoundError:
        raise ModelUnusable(f"There is no {path.name} in {path.parent}. Download it again.") from None
    except (ValueError, RecursionError):
        raise ModelUnusable(f"{path} is not JSON. Download it again.") from None
    if not isinstance(value, dict):
        raise ModelUnusable(f"{path} is not an object of JSON. Download it again.")
    return value


def _entries(path: Path) -> list[Entry]:
    files = _shards(path)
    for file in files:
        if not file.is_file():
            raise ModelUnusable(f"{file.name} is missing in {path}. Download it again.")
    return [entry for file in files for entry in safetensors.read(file)]


def _shards(path: Path) -> list[Path]:
    """As the index names them; without one, all that are there, and those that their numbers speak of."""
    if path.joinpath(INDEX).is_file():
        named = _json(path / INDEX).get("weight_map")
        if not isinstance(named, dict) or not named or not all(map(_plain, named.values())):
            raise ModelUnusable(f"{path / INDEX} names no files. Download it again.")
        return [path / name for name in sorted(set(named.values()))]
    found = sorted(path.glob(SHARDS))
    if not found:
        raise ModelUnusable(f"There is no {SHARDS} in {path}: the weights are missing. Download it again.")
    return sorted({part for file in found for part in _parts(file)})


def _plain(name: Any) -> bool:
    """A file of this folder, and no other."""
    return isinstance(name, str) and re.fullmatch(r"model[\w.-]*\.safetensors", name) is not None


def _parts(file: Path) -> Iterator[Path]:
    found = SHARD.fullmatch(file.name)
    count = int(found[3]) if found else 0
    yield file
    if found and count < 10_000:
        yield from (file.with_name(f"{found[1]}-{part:05}-of-{found[3]}.safetensors") for part in range(1, count + 1))


def _check(entries: list[Entry], config: Config, path: Path) -> None:
    """Whether every weight is kept in a way that can be computed with."""
    named = {entry.name: entry for entry in entries}
    if not any(entry.name.endswith(".weight") for entry in entries):
        raise ModelUnusable(f"There are no weights in {path}. Download it again.")
    for entry in entries:
        if not entry.name.endswith(".weight"):
            continue
        scales = named.get(f"{entry.name.removesuffix('weight')}scales")
        if entry.dtype == CODES or scales:
            _check_quantised(entry, scales, config, path)
        elif entry.dtype not in FLOATS:
            raise _wrong_type(entry, path)


def _check_quantised(entry: Entry, scales: Entry | None, config: Config, path: Path) -> None:
    if entry.dtype != CODES or scales is None or scales.dtype not in SCALES:
        raise _wrong_type(scales if scales and entry.dtype == CODES else entry, path)
    if config.quantisation is None:
        raise ModelUnusable(f"{path}/{CONFIG} does not say how its weights are quantised. Download it again.")
    groups = scales.shape[-1] if scales.shape else 0
    columns = entry.shape[-1] * 32 if entry.shape else 0
    if not groups or columns not in [groups * size * bits for bits in BITS for size in (16, 32, 64, 128)]:
        raise ModelUnusable(f"{entry.name} in {path} does not have the shape of its scales. Download it again.")


def _wrong_type(entry: Entry, path: Path) -> ModelUnusable:
    return ModelUnusable(
        f"{entry.name} in {path} is kept as {entry.dtype}, which MLX cannot compute with. Take a folder that was "
        f"converted for MLX ({', '.join(FLOATS)}, or quantised)."
    )


def _check_tokenizer(path: Path) -> None:
    if not path.joinpath(TOKENIZER).is_file():
        raise ModelUnusable(f"There is no {TOKENIZER} in {path}: without it no text can be read. Download it again.")
    if not isinstance(_json(path / TOKENIZER).get("model"), dict):
        raise ModelUnusable(f"{path / TOKENIZER} describes no tokenizer. Download it again.")
