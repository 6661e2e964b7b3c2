"""How this node chooses one of several answers: as the settings say, and told in a line each."""

from collections.abc import Callable
from functools import partial

from ..chat import ChatRequest, Verdict
from ..settings import Settings
from ..swarm import report
from ..swarm.answer import Choosing
from ..swarm.routing import Router
from ..swarm.terms import Defaults
from .config import prompt

SYNTHESIS = "synthesis.txt"


def choosing(settings: Settings, router: Router, say: Callable[[str], None]) -> Choosing:
    defaults = Defaults(settings.strategy, settings.candidates, settings.quorum, settings.patience or None)
    return Choosing(defaults, router.strengths.of, partial(_tell, say), partial(prompt, SYNTHESIS))


def _tell(say: Callable[[str], None], request: ChatRequest, verdict: Verdict) -> None:
    if verdict.requested > 1:
        say(f"vote: {report.line(verdict)}")
