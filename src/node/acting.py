"""With which tools the models of this node may act by themselves."""

from ..settings import Settings
from ..swarm.acting.acting import Acting
from ..swarm.acting.words import Words
from ..swarm.hands import Hands
from .config import prompt


def acting(settings: Settings, hands: Hands | None) -> Acting:
    """`hands`: the tool host, wherever it is; None where there is none."""
    return Acting(hands, words, settings.execute_client_tools)


def words() -> Words:
    names = ("last_words.txt", "same_call.txt", "go_on.txt", "unreadable_call.txt")
    return Words(*(prompt(name).strip() for name in names))
