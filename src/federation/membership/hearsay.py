"""What others say of others. It makes us ask, and passes on; what we believe comes of what we see."""

from ..nodes import Rumour
from .circle import Circle
from .known import Known, merged
from .timing import INCARNATION_MOST


def consider(circle: Circle, now: float, rumour: Rumour, of: str) -> None:
    if not 0 <= rumour.incarnation <= INCARNATION_MOST or rumour.id in circle.denied:
        return
    if rumour.id == circle.own.id:
        _of_ourselves(circle, now, rumour, of)
    elif rumour.condition == "alive":
        _alive(circle, now, rumour, of)
    elif known := circle.present(rumour.id):
        _accused(circle, now, rumour, known)


def spoke(circle: Circle, now: float, of: str, own_word: Rumour | None) -> None:
    """It spoke to us, over its own channel."""
    known = circle.known.get(of)
    endpoints = own_word.endpoints if own_word else ()
    if known is None or known.condition == "gone":
        circle.hinted(now, of, "spoke", endpoints)
        return
    moved = bool(endpoints) and known.told != endpoints
    if moved:
        known.told = endpoints
    newer = own_word is not None and known.incarnation < own_word.incarnation <= INCARNATION_MOST
    if own_word and newer:
        known.incarnation = own_word.incarnation
    if newer or moved:
        circle.gossip.tell(known.rumour("alive"))
    if known.doubt:
        known.doubt.sign(now)


def _of_ourselves(circle: Circle, now: float, rumour: Rumour, of: str) -> None:
    if rumour.condition == "alive":
        circle.hinted(now, rumour.id, "told", rumour.endpoints, of)
        return
    circle.own.object(rumour)
    circle.gossip.tell(circle.own.rumour())


def _alive(circle: Circle, now: float, rumour: Rumour, of: str) -> None:
    known = circle.known.get(rumour.id)
    if known is None or known.condition == "gone":
        # It left after that was true.
        if known is None or not known.left or rumour.incarnation > known.incarnation:
            circle.hinted(now, rumour.id, "told", rumour.endpoints, of)
    elif rumour.incarnation > known.incarnation:
        known.incarnation = rumour.incarnation
        known.hints = merged(rumour.endpoints, known.hints)
        if known.doubt:
            known.doubt.sign(now)
        circle.gossip.tell(rumour)


def _accused(circle: Circle, now: float, rumour: Rumour, known: Known) -> None:
    recent = known.doubt is None and known.heard is not None and now - known.heard < circle.timing.fresh
    if rumour.incarnation < known.incarnation or recent:
        return
    doubt = known.doubted(now)
    circle.troubled[known.id] = known
    if doubt.accuse(rumour):
        circle.gossip.tell(rumour)
        circle.judge(now, known)
