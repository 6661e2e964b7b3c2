"""How fast all loans together may go. Pure."""

SLACK = 0.1  # seconds that may be caught up on: nobody wakes up at the moment that was asked for


class Rate:
    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._free_at = float("-inf")

    def wait(self, now: float, count: int, part: float = 1.0) -> float:
        """Seconds until so many bytes may go. `part`: of the rate that may be used just now."""
        begin = max(self._free_at, now - SLACK)
        self._free_at = begin + count / (self._per_second * part)
        return max(0.0, begin - now)
