"""The catalogue of models: `config/models.toml`, extended and overridden by a file of the user's own."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ..card import Format, Grade, ModelCard, ModelFile
from ..geometry import Geometry, Layers
from . import quants
from .schema import Place, digest, named, one_of, one_or_several, several, table, template, text, truth, whole

Table = Mapping[str, Any]

TEMPLATE = template("size", "label", "quant", "QUANT")
SPLIT = template("size", "label", "quant", "QUANT", "part")
PLACES = {"repo": TEMPLATE, "file": TEMPLATE, "split": SPLIT}
COUNT = whole(1, 2**40)
RANK = whole(0, 100)
# Fewer bits than any quantisation has, or more than numbers in full precision: a slip in bytes or parameters.
LEAST_BITS, MOST_BITS = 1.0, 40.0

FILE = table({**PLACES, "bytes": one_or_several(COUNT), "sha256": one_or_several(digest), "verified": truth})
LAYERS = table({"count": COUNT, "keys": COUNT, "values": whole(0, 2**40), "window": whole(0, 2**40)})
GEOMETRY = table(
    {
        **{"architecture": text, "layers": whole(1, 10_000), "embedding": COUNT, "feed_forward": COUNT},
        **{"heads": COUNT, "vocabulary": COUNT, "attention": several(LAYERS)},
        **{"experts": whole(0, 10_000), "state": whole(0, 2**40), "checked": truth},
    }
)
# What a family says once for all its sizes, and any size may say otherwise.
SHARED = {"title": text, "licence": text, "context": COUNT, "tools": one_of(*get_args(Grade))}
SHARED |= {"coding": RANK, "chat": RANK}
SIZE = table(
    {
        **{"name": text, "label": text, "parameters": COUNT, "active": COUNT, **SHARED, "geometry": GEOMETRY},
        "gguf": table(PLACES | dict.fromkeys(quants.GGUF, FILE)),
        "mlx": table(PLACES | dict.fromkeys(quants.MLX, FILE)),
    }
)
FAMILY = table({"name": text, **SHARED, "gguf": table(PLACES), "mlx": table(PLACES), "size": named("size", SIZE)})
DOCUMENT = table({"family": named("family", FAMILY)})


@dataclass(frozen=True, slots=True)
class Catalogue:
    cards: tuple[ModelCard, ...]


def load(builtin: Path, user: Path | None) -> Catalogue:
    document = _read(builtin)
    if user is None:
        return Catalogue(tuple(_cards(document, builtin)))
    return Catalogue(tuple(_cards(_merged(document, _read(user)), user)))


def _read(path: Path) -> Table:
    place = Place(path)
    try:
        if path.exists() and not path.is_file():
            raise place.fault("it cannot be read (it is no file)")
        source = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(source)
    except OSError as error:
        raise place.fault(f"it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise place.fault(f"byte {error.start + 1} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise place.fault(f"it is not valid TOML: {_with_place(str(error), source)}") from None
    except RecursionError:
        raise place.fault("it is nested too deeply") from None
    DOCUMENT(document, place)
    return document


def _with_place(fault: str, source: str) -> str:
    lines = source.split("\n")
    return fault.replace("at end of document", f"at line {len(lines)}, column {len(lines[-1]) + 1}")


def _merged(base: Table, more: Table) -> Table:
    both = {**base, **more}
    for name in base.keys() & more.keys():
        if isinstance(base[name], dict):
            both[name] = _merged(base[name], more[name])
        elif name in ("family", "size"):
            both[name] = _merged_by_name(base[name], more[name])
    return both


def _merged_by_name(base: list[Table], more: list[Table]) -> list[Table]:
    rows = {row["name"]: row for row in base}
    for row in more:
        rows[row["name"]] = _merged(rows.get(row["name"], {}), row)
    return list(rows.values())


def _cards(document: Table, path: Path) -> Iterator[ModelCard]:
    for family in document.get("family", []):
        for size in family.get("size", []):
            place = Place(path, (f"family {family['name']}", f"size {size['name']}"))
            yield from _cards_of(family, size, place)


def _cards_of(family: Table, size: Table, place: Place) -> Iterator[ModelCard]:
    shape = _need(size, "geometry", place)
    both = {**family, **size}
    geometry = _geometry(shape, _need(both, "context", place), place.within("geometry"))
    for format in get_args(Format):
        for quant in quants.known(format):
            if quant in size.get(format, {}):
                where = place.within(f"{format} {quant}")
                entry = {**family.get(format, {}), **size[format], **size[format][quant]}
                yield _card(family, size, entry, (format, quant), geometry, where)


def _card(
    family: Table, size: Table, entry: Table, kind: tuple[Format, str], geometry: Geometry, place: Place
) -> ModelCard:
    format, quant = kind
    both = {**family, **size}
    label = size.get("label", size["name"])
    names = {"size": size["name"], "label": label, "quant": quant, "QUANT": quant.upper()}
    files = _files(entry, names, place)
    parameters = _need(size, "parameters", place)
    verified = _need(entry, "verified", place)
    if verified and "sha256" not in entry:
        raise place.fault("verified = true needs a sha256")
    return ModelCard(
        family=family["name"],
        size=size["name"],
        quant=quant,
        format=format,
        title=size.get("title") or f"{_need(family, 'title', place)} {label}",
        repo=_need(entry, "repo", place).format_map(names),
        files=files,
        geometry=geometry,
        parameters=parameters,
        active=_active(size, parameters, place),
        bits=_bits(sum(file.bytes for file in files), parameters, place),
        tools=_need(both, "tools", place),
        licence=_need(both, "licence", place),
        rank={"coding": _need(both, "coding", place), "chat": _need(both, "chat", place)},
        verified=verified and _need(size["geometry"], "checked", place),
    )


def _geometry(shape: Table, context: int, place: Place) -> Geometry:
    layers = _need(shape, "layers", place)
    attention = tuple(_layers(row, place) for row in _need(shape, "attention", place))
    if sum(row.count for row in attention) > layers:
        raise place.fault(f"there are more layers of attention than the {layers} layers")
    return Geometry(
        architecture=_need(shape, "architecture", place),
        layers=layers,
        embedding=_need(shape, "embedding", place),
        feed_forward=_need(shape, "feed_forward", place),
        heads=_need(shape, "heads", place),
        vocabulary=_need(shape, "vocabulary", place),
        trained_context=context,
        attention=attention,
        experts=shape.get("experts", 0),
        state=shape.get("state", 0),
    )


def _layers(row: Table, place: Place) -> Layers:
    where = place.within("attention")
    return Layers(
        _need(row, "count", where), _need(row, "keys", where), _need(row, "values", where), row.get("window", 0)
    )


def _files(entry: Table, names: Table, place: Place) -> tuple[ModelFile, ...]:
    sizes, digests = _need(entry, "bytes", place), entry.get("sha256")
    if not isinstance(sizes, list):
        sizes, digests = [sizes], [digests]
    digests = digests or [None] * len(sizes)
    if not isinstance(digests, list) or len(digests) != len(sizes):
        raise place.fault(f"there must be one sha256 for each of the {len(sizes)} files")
    if isinstance(digests[0], list):
        raise place.fault("there are several sha256 but only one file")
    pattern = _need(entry, "split" if len(sizes) > 1 else "file", place)
    return tuple(
        ModelFile(pattern.format_map({**names, "part": f"{number:05}-of-{len(sizes):05}"}), size, digest)
        for number, (size, digest) in enumerate(zip(sizes, digests, strict=True), 1)
    )


def _active(size: Table, parameters: int, place: Place) -> int:
    active: int = size.get("active", parameters)
    if active > parameters:
        raise place.fault(f"more parameters are active ({active}) than there are ({parameters})")
    return active


def _bits(total: int, parameters: int, place: Place) -> float:
    bits = total * 8 / parameters
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise place.fault(f"{total} bytes cannot hold {parameters} parameters: that would be {bits:.2f} bits for each")
    return bits


def _need(row: Table, key: str, place: Place) -> Any:
    if key not in row:
        raise place.fault(f"'{key}' is missing")
    return row[key]
