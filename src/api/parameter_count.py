"""How large a model is, in the words that people use."""


def in_words(parameters: int) -> str:
    """`135M`, `1.5B`; empty where it is not known."""
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if parameters >= size:
            return f"{parameters / size:.3g}{letter}"
    return str(parameters or "")
