"""The swarm that this machine is of: its code, a new code, a PIN for another machine, and who may not come back.

A node that runs meanwhile notices within seconds."""

import argparse

from ..errors import SettingError
from ..settings import Settings
from .parser import WrongUse

EXAMPLES = """examples:
  python main.py swarm code              the line that another machine joins with
  python main.py swarm pair              a PIN for another machine, for two minutes
  python main.py swarm new-code          lock everybody out who has the code of before
  python main.py swarm forget desk       this machine talks with that one no more
  python main.py swarm allow desk        it does again
"""
SETTINGS = ("state_dir", "host", "open", "federation")
CODE, NEW_CODE, FORGET, ALLOW, PAIR = "code", "new-code", "forget", "allow", "pair"
OF_ONE = (FORGET, ALLOW)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=(CODE, NEW_CODE, FORGET, ALLOW, PAIR), help="what to do")
    parser.add_argument("node", nargs="?", metavar="NODE", help="the name or id of a machine, as `status` shows them")


def run(settings: Settings, words: argparse.Namespace) -> int:
    action, node = words.action, words.node
    if (node is not None) != (action in OF_ONE):
        said = f"{action} needs NODE, a machine" if node is None else f"{action} takes no other word"
        raise WrongUse(f"{said}. See: python main.py swarm --help")
    if settings.open and action not in OF_ONE:
        raise SettingError("An open swarm has no code. Other machines join it with: python main.py --auto --open")
    print(done(settings, action, node))
    return 0


def done(settings: Settings, action: str, node: str) -> str:
    # Here and not above: cryptography takes a moment to load, which --help need not wait for.
    from ..node import swarm_code

    folder = settings.state_dir
    if action == CODE:
        return swarm_code.shown(folder)
    if action == NEW_CODE:
        return (
            f"{swarm_code.renewed(folder)}\n\nEvery other machine of the swarm has to join again with this line. Until "
            "then it is on its own."
        )
    if action == FORGET:
        gone = swarm_code.forget(folder, node)
        return (
            f"{gone.name or gone.id} is forgotten: this machine talks with it no more. It still knows the code: where "
            "it was lost, lock it out everywhere with: python main.py swarm new-code\n"
            f"To take it back: python main.py swarm allow {gone.id}"
        )
    if action == ALLOW:
        back = swarm_code.allow(folder, node)
        return f"{back.name or back.id} may come back."
    from ..node import invitation

    return invitation.invite(settings, lambda said: print(said, flush=True))
