"""With which tools the models of this node may act by themselves."""

from ..settings import Settings
from ..swarm.acting.acting import Acting
from ..swarm.hands import Hands
from .config import config_folder

LAST_WORDS = "prompts/last_words.txt"


def acting(settings: Settings, hands: Hands | None) -> Acting:
    """`hands`: the tool host, wherever it is; None where there is none."""
    return Acting(hands, config_folder().joinpath(LAST_WORDS).read_text, settings.execute_client_tools)
