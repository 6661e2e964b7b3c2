"""When everybody is asked to tell of himself (pure)."""

from dataclasses import dataclass

# Seconds after the start, or after an address has come: the first questions or their answers may be lost.
EARLY = (0.0, 0.3, 1.0, 3.0, 10.0, 30.0)
# From then on for those alone whose own announcements were lost. All answer to everybody, so it adds up.
LATER_SECONDS = 120.0


@dataclass(slots=True)
class Questions:
    begun: float
    asked: int = 0

    def due(self, now: float) -> bool:
        if self.wait(now) > 0:
            return False
        self.asked += 1
        return True

    @property
    def first(self) -> bool:
        return self.asked <= 1

    def wait(self, now: float) -> float:
        late = max(0, self.asked - len(EARLY) + 1)
        return max(0.0, self.begun + EARLY[min(self.asked, len(EARLY) - 1)] + late * LATER_SECONDS - now)
