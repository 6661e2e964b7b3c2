"""What nodes tell of themselves and of others, as far as it can be true: it is shown on terminals, reckoned with, and
called at. What cannot be true is left out or cut, so that one odd word costs nobody the rest."""

import re
from dataclasses import replace
from ipaddress import ip_address

from ...chat import Outcome, ToolSpec
from ...swarm.member import Busy, Details, Served
from ..nodes import About, Endpoint, Load, Offer, Report, Rumour
from .json_text import dump

MOST_NAME = 40
MOST_WORDS = 200
MOST_SENTENCE = 500
MOST_TEMPLATE = 2**17
# Of a node; a server of many models that somebody runs beside it has some tens.
MOST_OFFERS = 256
MOST_NOTES = 16
MOST_RUMOURS = 256
MOST_ENDPOINTS = 8
MOST_TOOLS = 256
MOST_DESCRIPTION = 2**14
MOST_SCHEMA = 2**16
# Of what came of a call; tools cut their own far below it.
MOST_CONTENT = 2**20
MOST_IMAGES = 16
MOST_IMAGE = 2**23
# Tokens, seats and the like: programs in other languages count no further.
MOST_COUNTED = 2**31 - 1
MOST_BYTES = 2**53
MOST_SEATS = 4096
MOST_A_SECOND = 1e6
OLDEST_SECONDS = 1e9

ID = re.compile(r"[0-9A-Za-z]{1,64}")
TOOL = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Any other address would be fetched by whoever is shown the picture.
IMAGE = "data:image/"
SCOPE = re.compile(r"[0-9A-Za-z_.-]{1,32}")


def report(told: Report) -> Report:
    return replace(told, about=_about(told.about), offers=_offers(told.offers), loads=loads(told.loads))


def loads(told: tuple[Load, ...]) -> tuple[Load, ...]:
    return tuple(_load(load) for load in told[:MOST_OFFERS] if _is_plain(load.key))


def rumours(told: tuple[Rumour, ...]) -> tuple[Rumour, ...]:
    """Those of names that a node can have."""
    return tuple(
        replace(rumour, endpoints=endpoints(rumour.endpoints))
        for rumour in told[:MOST_RUMOURS]
        if ID.fullmatch(rumour.id)
    )


def endpoints(told: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """Addresses alone: a name would be looked up wherever it leads, and may be no name at all."""
    return tuple(one for one in told if _is_address(one))[:MOST_ENDPOINTS]


def tools(told: tuple[ToolSpec, ...]) -> tuple[ToolSpec, ...]:
    """What a model needs of them, and no more. One with half a schema would be called in vain."""
    return tuple(
        ToolSpec(one.name, one.description[:MOST_DESCRIPTION], one.schema)
        for one in told[:MOST_TOOLS]
        if TOOL.fullmatch(one.name) and len(dump(one.schema)) <= MOST_SCHEMA
    )


def outcome(told: Outcome) -> Outcome:
    images = [one for one in told.images if one.url.startswith(IMAGE) and len(one.url) <= MOST_IMAGE]
    return replace(
        told,
        content=told.content[:MOST_CONTENT],
        images=tuple(images[:MOST_IMAGES]),
        seconds=_between(told.seconds, 0.0, OLDEST_SECONDS),
    )


def plain(text: str, most: int) -> str:
    """Nothing in it moves a cursor or turns the direction of the text."""
    return "".join(character for character in text[: 2 * most] if character.isprintable())[:most]


def _about(told: About) -> About:
    return replace(
        told,
        instance=plain(told.instance, MOST_NAME),
        name=plain(told.name, MOST_NAME),
        version=plain(told.version, MOST_NAME),
        hardware=plain(told.hardware, MOST_WORDS),
        age=_between(told.age, 0.0, OLDEST_SECONDS),
        endpoints=endpoints(told.endpoints),
        tools=tuple(name for name in told.tools[:MOST_TOOLS] if TOOL.fullmatch(name)),
    )


def _offers(told: tuple[Offer, ...]) -> tuple[Offer, ...]:
    named = [offer for offer in told[:MOST_OFFERS] if _is_plain(offer.key) and _is_plain(offer.served.id)]
    return tuple(replace(offer, served=_served(offer.served)) for offer in named)


def _served(told: Served) -> Served:
    return replace(
        told,
        context=_count(told.context, 1),
        trained_context=_count(told.trained_context),
        seats=min(_count(told.seats, 1), MOST_SEATS),
        created=_count(told.created),
        notes=tuple(plain(note, MOST_WORDS) for note in told.notes[:MOST_NOTES]),
        details=_details(told.details),
    )


def _details(told: Details) -> Details:
    return replace(
        told,
        family=plain(told.family, MOST_NAME),
        quant=plain(told.quant, MOST_NAME),
        bytes=int(_between(told.bytes, 0, MOST_BYTES)),
        parameters=int(_between(told.parameters, 0, MOST_BYTES)),
        dialect=plain(told.dialect, MOST_NAME),
        tool_grade=plain(told.tool_grade, MOST_NAME),
        template=told.template[:MOST_TEMPLATE],
        bos=plain(told.bos, MOST_WORDS),
        eos=plain(told.eos, MOST_WORDS),
        digest=plain(told.digest, MOST_WORDS),
        reads=_speed(told.reads),
        writes=_speed(told.writes),
        strength=_between(told.strength, 0.0, 1.0),
    )


def _load(told: Load) -> Load:
    busy = told.busy
    counted = Busy(
        _count(busy.waiting),
        _count(busy.running),
        _count(busy.cells_used),
        _count(busy.cells_cached),
        _count(busy.cells),
    )
    return Load(told.key, counted, plain(told.away, MOST_SENTENCE))


def _speed(told: float) -> float:
    """0: nobody knows it."""
    return told if 1 / MOST_A_SECOND <= told <= MOST_A_SECOND else 0.0


def _count(told: int, least: int = 0) -> int:
    return max(least, min(told, MOST_COUNTED))


def _between(told: float, least: float, most: float) -> float:
    return max(least, min(told, most))


def _is_plain(name: str) -> bool:
    """One that was changed would name nothing, so it is left out."""
    return 0 < len(name) <= MOST_WORDS and name.isprintable()


def _is_address(told: Endpoint) -> bool:
    try:
        address = ip_address(told.host)
    except ValueError:
        return False
    scope = getattr(address, "scope_id", None)
    if address.is_multicast or address.is_unspecified or (scope and not SCOPE.fullmatch(scope)):
        return False
    return 0 < told.port < 2**16
