"""How sure an agreement makes us. Pure; the one place to calibrate it in."""

# As if that many had voted before, half of them otherwise: few votes say little, and samples of one model are few.
BEFORE = 2.0


def confidence(agreement: float, votes: float) -> float:
    """`agreement`: the share of the weight that said the same. `votes`: as how many independent ones they count.

    The rule of succession: five different models at one say 0.86, five samples of one model 0.71, an even split 0.5.
    """
    return (agreement * votes + BEFORE / 2) / (votes + BEFORE)
