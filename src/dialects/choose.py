"""Which dialect a model speaks: read off its chat template, or set by hand."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

from ..errors import SettingError
from .dialect import FamilyDialect, no_token
from .families import FAMILIES, GENERIC
from .family import Family
from .grammar.lark import Special
from .template import ChatTemplate


def choose(
    template: str | None,
    bos: str,
    eos: str,
    plain: str,
    instructions: Callable[[], str],
    by_hand: str = "",
    special: Special = no_token,
    markers: Iterable[str] = (),
) -> FamilyDialect:
    """`instructions` is asked for each request, so that an edited text counts at once. `special`: the id of a marker
    that is one token of the model. `markers`: all of these, which only the template may write."""
    chat = ChatTemplate(template, plain, bos, eos)
    family = _named(by_hand) if by_hand else family_of(chat.source)
    return FamilyDialect(family, chat, instructions if family is GENERIC else None, special, markers)


def family_of(template: str) -> Family:
    return next(family for family in FAMILIES if family.fits(template))


def _named(name: str) -> Family:
    names = [family.name for family in FAMILIES]
    if name in names:
        return FAMILIES[names.index(name)]
    near = get_close_matches(name, names, 1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise SettingError(f"There is no dialect '{name}'.{hint} Known: {', '.join(names)}.")
