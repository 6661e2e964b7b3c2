"""How often something may happen: so many times a second, and so many at once after a quiet while."""


class Allowance:
    def __init__(self, a_second: float, at_once: int) -> None:
        self._a_second = a_second
        self._most = float(at_once)
        self._left = self._most
        self._at: float | None = None

    def take(self, now: float) -> bool:
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._left = min(self._most, self._left + passed * self._a_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
