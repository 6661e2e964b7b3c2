"""Does a text end in the repetition of one piece? Pure."""

# Words of the end that are looked at, and of the longest piece.
LATEST = 1_000
LONGEST = 120
# So many words and so many pieces in a row repeat others: a table of zeros in a file is not yet a loop.
LEAST_WORDS = 100
LEAST_TIMES = 12


def loops(text: str) -> bool:
    words = text.split()[-LATEST:]
    return any(_run(words, period) >= max(LEAST_WORDS, LEAST_TIMES * period) for period in range(1, LONGEST + 1))


def _run(words: list[str], period: int) -> int:
    """So many of the last words are the same as those a period before them."""
    run = 0
    while run + period < len(words) and words[-1 - run] == words[-1 - run - period]:
        run += 1
    return run
