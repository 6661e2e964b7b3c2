"""A process that opens the state at one word, claims at the next, and lives until its input ends."""

import json
import sys
from pathlib import Path

from localswarm.state import State
from localswarm.state.budget import DoesNotFit
from localswarm.state.server import Wanted
from localswarm.state.servers import Claimed


def main(folder: Path, model: str, need: int) -> None:
    tell("loaded")
    sys.stdin.readline()
    state = State(folder)
    tell({"notice": state.notice})
    sys.stdin.readline()
    try:
        answer = state.servers.claim(Wanted(Path(model), model, 4096, 8, {"ram": need}), {"ram": 10})
    except DoesNotFit as error:
        tell({"refused": error.message})
    else:
        tell({"claimed": answer.id} if isinstance(answer, Claimed) else {"running": answer.server.process.pid})
    sys.stdin.read()


def tell(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
