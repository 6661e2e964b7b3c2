"""Catalogues as their owners write them, for models that the tests make or have."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Of the architecture `llama`, with the vocabulary of SmolLM2. `quants`: lines of TOML."""

    name: str
    parameters: int
    layers: int
    embedding: int
    feed_forward: int
    heads: int
    kv: int  # numbers that one layer keeps of a token as keys, and as many as values
    quants: Sequence[str]

    @property
    def text(self) -> str:
        kept = f"count = {self.layers}, keys = {self.kv}, values = {self.kv}"
        return "\n".join(
            (
                f'[[family.size]]\nname = "{self.name}"\nparameters = {self.parameters}\n',
                f'[family.size.geometry]\narchitecture = "llama"\nlayers = {self.layers}\nembedding = {self.embedding}',
                f"feed_forward = {self.feed_forward}\nheads = {self.heads}\nvocabulary = 49152",
                f"attention = [{{ {kept} }}]\nchecked = true\n\n[family.size.gguf]",
                *self.quants,
                "",
            )
        )


def quant(name: str, size: int | list[int], more: str = "") -> str:
    return f"{name} = {{ bytes = {size}, {more}verified = false }}"


# The tiny llama of the tests.
Q8 = quant("q8_0", 14_000_000)


def one_million(*quants: str) -> Size:
    return Size("1m", 6_000_000, 2, 64, 128, 2, 64, quants or (Q8,))


def family(
    name: str, *sizes: Size, rank: int = 50, title: str = "", context: int = 4096, tools: str = "good", gguf: str = ""
) -> str:
    """`gguf`: where its files lie, as TOML; without, each quant says so."""
    lines = (
        f'[[family]]\nname = "{name}"\ntitle = "{title or name.capitalize()}"\nlicence = "mit"\ncontext = {context}',
        f'tools = "{tools}"\ncoding = {rank}\nchat = {rank}',
        f"gguf = {{ {gguf} }}\n" if gguf else "",
    )
    return "\n".join((*lines, *(size.text for size in sizes)))
