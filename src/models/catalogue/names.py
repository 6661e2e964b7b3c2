"""What the text after --model names: a model of the catalogue, a local path, or a repo on the hub."""

import os.path
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...errors import SettingError
from ..card import Format, ModelCard
from ..hub.repo_files import is_repo
from . import quants
from .catalogue import Catalogue
from .schema import nearest

LIST = "See: python main.py models"
LOOKS_LIKE_A_PATH = re.compile(r"[./~\\]|[A-Za-z]:[\\/]")


class UnknownModel(SettingError):
    code = "unknown_model"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name of the catalogue. What is None was left out: anything will do."""

    family: str
    size: str | None = None
    quant: str | None = None


@dataclass(frozen=True, slots=True)
class LocalPath:
    path: Path


@dataclass(frozen=True, slots=True)
class HubRepo:
    repo: str
    quant: str | None = None
    revision: str | None = None


def classify(text: str) -> Wanted | LocalPath | HubRepo:
    text = text.strip()
    if _is_local(text):
        return LocalPath(_expanded(text))
    return _repo(text) or parse(text)


def parse(text: str) -> Wanted:
    parts = text.strip().lower().split(":")
    if len(parts) > 3 or not all(parts):
        raise UnknownModel(f"'{text}' is no name of a model: it has the form family:size:quant. {LIST}")
    return Wanted(*parts)


def find(catalogue: Catalogue, wanted: Wanted, format: Format) -> list[ModelCard]:
    """All cards that the name fits, in this format; an error says which part of the name is wrong."""
    family = _family(catalogue, wanted)
    cards = [card for card in family if card.format == format]
    if not cards:
        raise UnknownModel(f"{family[0].family} is not in the catalogue for {format.upper()}. {LIST}")
    cards = _of_size(cards, wanted)
    return _of_quant(cards, wanted, format)


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise UnknownModel(f"There is no home folder for {text}. Give --model the whole path.") from None


def _is_local(text: str) -> bool:
    """A folder of the same name as a model does not hide the model: it must hold one itself."""
    if text.lower().endswith(".gguf") or LOOKS_LIKE_A_PATH.match(text):
        return True
    return os.path.isfile(text) or os.path.isfile(os.path.join(text, "config.json"))


def _repo(text: str) -> HubRepo | None:
    rest, _, quant = text.partition(":")
    repo, _, revision = rest.partition("@")
    if not is_repo(repo):
        return None
    return HubRepo(repo, quant or None, revision or None)


def _family(catalogue: Catalogue, wanted: Wanted) -> list[ModelCard]:
    cards = [card for card in catalogue.cards if quants.key(card.family) == quants.key(wanted.family)]
    if cards:
        return cards
    near = nearest(wanted.family, dict.fromkeys(card.family for card in catalogue.cards), most=3)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    raise UnknownModel(f"There is no family '{wanted.family}'.{hint} {LIST}")


def _of_size(cards: list[ModelCard], wanted: Wanted) -> list[ModelCard]:
    if wanted.size is None:
        return cards
    # 30b-a3b is also called 30b: the number of active parameters may be said.
    asked = quants.key(wanted.size)
    names = {asked, quants.key(re.sub(r"-a[\d.]+b$", "", wanted.size.replace("_", "-")))}
    found = [card for card in cards if quants.key(card.size) in names]
    if not found:
        raise UnknownModel(
            f"{cards[0].family} has no size {wanted.size}; it has {_listed(card.size for card in cards)}."
        )
    return found


def _of_quant(cards: list[ModelCard], wanted: Wanted, format: Format) -> list[ModelCard]:
    if wanted.quant is None:
        return cards
    for quant in quants.meant(wanted.quant, format):
        found = [card for card in cards if card.quant == quant]
        if found:
            return found
    name = cards[0].family if wanted.size is None else f"{cards[0].family}:{cards[0].size}"
    raise UnknownModel(
        f"{name} has no quant {wanted.quant} in {format.upper()}; it has {_listed(card.quant for card in cards)}."
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
