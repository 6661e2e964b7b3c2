"""What a node tells of itself is shown on terminals: nothing in it may move a cursor or fill a screen."""

from dataclasses import replace

from ..nodes import Offer, Report

MOST_NAME = 40
MOST_WORDS = 200


def cleaned(report: Report) -> Report:
    about = replace(
        report.about,
        name=plain(report.about.name, MOST_NAME),
        version=plain(report.about.version, MOST_NAME),
        hardware=plain(report.about.hardware, MOST_WORDS),
    )
    return replace(report, about=about, offers=tuple(_offer(offer) for offer in report.offers))


def plain(text: str, most: int) -> str:
    return "".join(character for character in text if character.isprintable())[:most]


def _offer(offer: Offer) -> Offer:
    notes = tuple(plain(note, MOST_WORDS) for note in offer.served.notes)
    served = replace(offer.served, id=plain(offer.served.id, MOST_WORDS), notes=notes)
    return replace(offer, key=plain(offer.key, MOST_WORDS), served=served)
