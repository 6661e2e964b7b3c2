"""Is there room for another call? Pure.

An answer may be made of whole pieces, such as calls. One more that does not fit would be cut off, and be of no use.
"""


class Room:
    def __init__(self, limit: int) -> None:
        """`limit`: tokens after which the answer is cut off."""
        self._limit = limit
        self._since = 0  # tokens at the end of the last whole piece
        self._whole = False
        self._pieces = 0
        self.none = False

    def look(self, written: int, whole: bool) -> None:
        """`whole`: the answer could end here. The first piece counts for nothing: words or a thought may be in it."""
        if whole and not self._whole:
            self._pieces += 1
            self.none = self._pieces > 1 and self._limit - written < written - self._since
        if whole:
            self._since = written
        self._whole = whole
