"""A process that writes until it is killed. It says `open`, then the number of each pair that it committed."""

import itertools
import json
import os
import sys
import time
from pathlib import Path

from localswarm.state import State
from localswarm.state.database import Database
from localswarm.state.server import Wanted

# Several pages each, so that many moments lie in the middle of a commit.
LONG = json.dumps("x" * 20_000)
INSERT = "INSERT INTO facts (name, subject, value, measured_at) VALUES (?, ?, ?, ?)"


def write_pairs(database: Database) -> None:
    me = str(os.getpid())
    for number in itertools.count():
        with database.transaction() as connection:
            for side in ("left", "right"):
                connection.execute(INSERT, (f"{me}-{side}", str(number), LONG, time.time()))
        print(number, flush=True)


def main(folder: Path) -> None:
    print("open", flush=True)
    state = State(folder)
    name = str(os.getpid())
    state.servers.claim(Wanted(Path(f"/{name}.gguf"), name, 4096, 1, {"ram": 1}), {"ram": 1000})
    write_pairs(Database(folder, patience=5))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
