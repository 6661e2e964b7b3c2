"""Faults by chance for as long as you like: python -m tests.lan.chaos --minutes 10 --seed 7

Each round draws a fault and what is asked meanwhile, ends the fault, and checks what must be true after it. The seed
gives the same rounds again. It ends with an error at the first round that is not as it must be.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .asking import Asked
from .netlab import Lab, freeze, kill, thaw
from .stubs import STARTED_SECONDS, Stubs

# Partitions and freezes take as long as these, and all between.
SHORT, LONG = 1.0, 60.0
MOST_ASKED = 6
# Who loses everybody, or is cut off from its client's only helper, may have to say so.
HARSH = ("kill two", "partition", "freeze")


@dataclass(slots=True)
class Chaos:
    stubs: Stubs
    rng: random.Random

    def round(self) -> str:
        fault = self.rng.choice(list(self._faults))
        asked = self._ask()
        time.sleep(self.rng.uniform(0, 2))
        what = self._faults[fault]()
        asked += self._ask()
        self._end()
        self.stubs.check(asked, errors=fault in HARSH)
        errors = sum(one.end == "error" for one in asked)
        gap = max(one.gap for one in asked)
        return f"{fault} {what}: {len(asked)} asked, {errors} errors, longest silence {gap:.1f} s"

    @property
    def _faults(self) -> dict[str, Callable[[], str]]:
        return {
            "kill": lambda: self._kill(1),
            "kill two": lambda: self._kill(2),
            "stop": self._stop,
            "freeze": self._freeze,
            "partition": self._partition,
            "one way": self._one_way,
            "loss": self._loss,
            "no multicast": self._no_multicast,
            "nothing": lambda: "",
        }

    def _ask(self) -> list[Asked]:
        """Of those that nothing is done to: a client of one that is killed has nobody to listen to."""
        count = self.rng.randint(1, MOST_ASKED)
        length = self.rng.choice((20, 100, 400))
        return self.stubs.ask("h1", count, length)

    def _others(self, count: int) -> list[str]:
        return self.rng.sample([name for name in self.stubs.nodes if name != "h1"], count)

    def _pause(self) -> float:
        seconds: float = SHORT * (LONG / SHORT) ** self.rng.random()
        time.sleep(seconds)
        return seconds

    def _kill(self, count: int) -> str:
        names = self._others(count)
        for name in names:
            kill(self.stubs[name].process)
        return " and ".join(names)

    def _stop(self) -> str:
        (name,) = self._others(1)
        self.stubs.stop(name)
        return name

    def _freeze(self) -> str:
        (name,) = self._others(1)
        freeze(self.stubs[name].process)
        return f"{name} for {self._pause():.0f} s"

    def _partition(self) -> str:
        names = self._others(self.rng.randint(1, len(self.stubs.nodes) - 1))
        self.stubs.lab.partition(names)
        return f"{names} for {self._pause():.0f} s"

    def _one_way(self) -> str:
        ends = self.rng.sample(list(self.stubs.nodes), 2)
        self.stubs.lab.link(*ends, both=False, cut=True)
        return f"{ends} for {self._pause():.0f} s"

    def _loss(self) -> str:
        loss, delay = self.rng.choice((0.01, 0.05, 0.2)), self.rng.choice((0.0, 0.02, 0.1))
        self.stubs.lab.link(loss=loss, delay=delay, jitter=delay / 2)
        return f"{loss:.0%} and {delay} s for {self._pause():.0f} s"

    def _no_multicast(self) -> str:
        self.stubs.lab.link(block_multicast=True)
        kill(self.stubs[(name := self._others(1)[0])].process)
        self.stubs.full()
        return name

    def _end(self) -> None:
        self.stubs.lab.clear()
        for node in self.stubs.nodes.values():
            thaw(node.process)
        self.stubs.full()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=4)
    words = parser.parse_args()
    rng = random.Random(words.seed)
    with Lab(words.nodes, seed=words.seed) as lab, tempfile.TemporaryDirectory() as folder:
        stubs = Stubs(lab, Path(folder))
        for name in lab.hosts:
            stubs.start(name, "--writes", str(rng.choice((20, 100, 200))))
        stubs.together(seconds=STARTED_SECONDS)
        run(Chaos(stubs, rng), words.minutes * 60)


def run(chaos: Chaos, seconds: float) -> None:
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        print(f"{number:4}  {chaos.round()}", flush=True)


if __name__ == "__main__":
    main()
