"""The models in a repository of the hub, as cards: for a repository that no catalogue knows."""

import re
from collections import defaultdict
from collections.abc import Sequence

from ..errors import ModelUnusable
from . import gguf, layout
from .card import Format, ModelCard, ModelFile
from .catalogue import quants
from .catalogue.names import HubRepo, UnknownModel
from .hub.folder_files import CONFIG, of_folder
from .hub.refusals import HubUnreachable
from .hub.remote_file import open_remote
from .library import Library, read_remote
from .mlx.place import Local, Remote
from .mlx.repo import card as mlx_card
from .parts import PART
from .unlisted import unlisted

# `Qwen2.5-7B-Instruct-Q4_K_M-00001-of-00002.gguf`, `model.Q8_0.gguf`, `gpt-oss-20b-mxfp4.gguf`
QUANT = re.compile(r"(?:^|[-._])((?:IQ|Q|TQ)\d\w*?|F16|BF16|F32|MXFP4\w*)(?=[-.](?:\d{5}-of-|gguf)|$)", re.IGNORECASE)
# A part that models of other kinds need beside the weights.
OTHER_PARTS = ("mmproj", "imatrix", "-draft")
ONLY_MLX = "which only --engine mlx serves here"
INSTEAD = "Look for a repository whose name ends in -GGUF."


def cards(library: Library, wanted: HubRepo, formats: Sequence[Format] = ("gguf",)) -> list[ModelCard]:
    """Of those on the hub; while that is away, of those of the repository that are on this machine. GGUF files come
    first: beside them a folder holds what they were made of."""
    revision = wanted.revision or "main"
    try:
        files = library.hub.files(wanted.repo, revision)
    except HubUnreachable as error:
        if here := _here(library, wanted, formats):
            return here
        raise library.folders.lacking(error, wanted.repo, revision) from None
    groups = by_quant(files)
    if not groups and (parts := of_folder(files)):
        if "mlx" not in formats:
            raise ModelUnusable(f"{wanted.repo} holds no GGUF file but a folder for MLX, {ONLY_MLX}. {INSTEAD}")
        return [mlx_card(Remote(library.hub, wanted.repo, parts, revision), wanted, parts)]
    groups = _wanted_of(groups, wanted)
    first = next(iter(groups.values()))[0]
    with open_remote(library.hub, wanted.repo, first.name, revision) as remote:
        header = read_remote(remote, first.name, wanted.repo)
    return [_card(wanted, quant, parts, header) for quant, parts in groups.items()]


def _here(library: Library, wanted: HubRepo, formats: Sequence[Format]) -> list[ModelCard]:
    found = {one.name: one for one in library.caches.list_gguf() if one.repo.lower() == wanted.repo.lower()}
    groups = by_quant([ModelFile(one.name, one.bytes) for one in found.values()])
    if groups:
        return [
            _card(wanted, quant, parts, gguf.check(found[parts[0].name].path))
            for quant, parts in _wanted_of(groups, wanted).items()
        ]
    folders = library.folders.here(wanted.repo, wanted.revision or "main") if "mlx" in formats else ()
    whole = next((Local(path) for path, fault in folders if fault is None), None)
    return [mlx_card(whole, wanted, [ModelFile(CONFIG, whole.size(CONFIG))])] if whole else []


def by_quant(files: Sequence[ModelFile]) -> dict[str, list[ModelFile]]:
    """Each quantisation once: a file of its own comes before the same in parts."""
    groups: dict[tuple[str, str, bool], list[ModelFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.name):
        if file.name.lower().endswith(".gguf") and not any(part in file.name.lower() for part in OTHER_PARTS):
            found = QUANT.search(file.name.rsplit("/", 1)[-1])
            stem, in_parts = PART.subn("", file.name)
            groups[found[1].lower() if found else "unknown", stem, bool(in_parts)].append(file)
    first: dict[str, list[ModelFile]] = {}
    for (quant, *_), parts in sorted(groups.items(), key=lambda group: len(group[1])):
        first.setdefault(quant, parts)
    return first


def _wanted_of(groups: dict[str, list[ModelFile]], wanted: HubRepo) -> dict[str, list[ModelFile]]:
    if not groups:
        raise ModelUnusable(f"{wanted.repo} has no GGUF file. {INSTEAD}")
    return _asked(groups, wanted) if wanted.quant else groups


def _asked(groups: dict[str, list[ModelFile]], wanted: HubRepo) -> dict[str, list[ModelFile]]:
    assert wanted.quant
    for quant in quants.meant(wanted.quant, "gguf"):
        if quant in groups:
            return {quant: groups[quant]}
    raise UnknownModel(f"{wanted.repo} has no quant {wanted.quant}; it has {', '.join(groups)}.")


def _card(wanted: HubRepo, quant: str, files: Sequence[ModelFile], header: gguf.Header) -> ModelCard:
    parameters, size = sum(tensor.weights for tensor in header.tensors) or 1, sum(file.bytes for file in files)
    geometry, weights = layout.geometry(header), layout.weights(header)
    return unlisted(wanted, quant, "gguf", files, geometry, weights, parameters, size)
