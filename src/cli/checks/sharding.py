"""One model on several machines: from this build to room for the model, the first rung that does not hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...settings import Settings
from .. import loans
from ..machines import LONGEST_SENTENCE, clean, name, several
from ..table import gib
from .federation import NOT_USED, told
from .finding import Finding, Situation, fail, ok, warn

if TYPE_CHECKING:
    from ...node.sharding.lookout import Broken, Lendable

NONE = "not used; it is for a model that fits no single machine (--shard, --lend)"
SEE_THERE = "See there: python main.py status, and python main.py doctor"
LESS = (
    "Take a smaller build (python main.py models), less context (--context N), or one more lender (--shard HOST,HOST)"
)


def check_sharding(situation: Situation) -> Finding:
    settings = situation.settings
    if not settings.federation:
        return ok(NOT_USED)
    return held(told(settings) or {}) or _wished(settings)


def held(found: Mapping[str, Any]) -> Finding | None:
    """`found`: as a node tells of it; None where it neither borrows nor lends."""
    borrowed, lent = several(found.get("borrowed")), several(found.get("lent"))
    if why := loans.lost(borrowed):
        return fail(f"lender: {why}", SEE_THERE)
    if waiting := [name(one) for one in borrowed if one.get("state") != "alive"]:
        return warn(f"nothing of the model lies on {', '.join(waiting)} yet", "Wait until it is loaded")
    if borrowed:
        return ok(f"{', '.join(map(name, borrowed))} may hold a part of the model, and can be used")
    if isinstance(found.get("lent"), list):
        to = ", ".join(map(name, lent))
        return ok(f"a part of the model of {to} may lie here" if to else "this machine lends, and nobody borrows now")
    return None


def _wished(settings: Settings) -> Finding:
    from ...node.sharding import lookout

    if settings.shard:
        return lenders(lookout.lenders(settings))
    return own(lookout.own(settings)) if settings.lend else ok(NONE)


def lenders(found: "Lendable | Broken") -> Finding:
    from ...node.sharding.lookout import Broken

    if isinstance(found, Broken):
        return _broken(found)
    said, plan = f"{_listed(found)} can lend {gib(found.room)}", found.plan
    if plan is None:
        return ok(f"{said}; --model NAME tells whether that is enough")
    if not plan.fits:
        have = f"the model needs {gib(plan.need.total)}, and {gib(plan.room)} of {plan.where} may be taken"
        return fail(f"memory: {said}; {have}", LESS)
    return ok(f"{said}, and the model fits: it needs {gib(plan.need.total)}")


def own(found: "Lendable | Broken") -> Finding:
    from ...node.sharding.lookout import Broken

    if isinstance(found, Broken):
        return _broken(found)
    return ok(f"this machine can lend {gib(found.room)} of {_listed(found)}; no node runs here now")


def _broken(found: "Broken") -> Finding:
    return fail(f"{found.rung}: {clean(found.why, LONGEST_SENTENCE)}", clean(found.mend, LONGEST_SENTENCE))


def _listed(found: "Lendable") -> str:
    return " and ".join(clean(one, LONGEST_SENTENCE) for one in found.names)
