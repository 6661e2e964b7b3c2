"""Numbers on the command line that are no settings."""

import argparse
import math


def count(said: str) -> int:
    if not (said.isascii() and said.isdigit() and 0 < int(said[:9]) and len(said) < 10):
        raise argparse.ArgumentTypeError(f"'{said[:40]}' is not a whole number above 0")
    return int(said)


def seconds(said: str) -> float:
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{said[:40]}' is not a number of seconds above 0")
    return value
