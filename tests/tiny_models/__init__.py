"""GGUF models of 15 megabytes with random weights: one for each kind of memory that llama.cpp has.

Their tokenizer is SmolLM2's, their text is noise. What they are good for: greedy text depends on every token before it,
so an engine that loses, keeps or mixes up a piece of some sequence's memory writes something else.
"""

from collections.abc import Callable
from pathlib import Path

import gguf

from . import gemma3, jamba, llama, mamba
from .tensors import Tensors
from .tokenizer import copy_tokenizer, find_smollm2

SEED = 20

BUILDERS: dict[str, Callable[[gguf.GGUFWriter, Tensors], None]] = {
    "llama": llama.build,
    "mamba": mamba.build,
    "jamba": jamba.build,
    "gemma3": gemma3.build,
}
KINDS = tuple(BUILDERS)


def make(kind: str, path: Path, tokenizer_from: Path | None = None) -> Path:
    """Always the same bytes; the tokenizer is SmolLM2's, or that of another GGUF with as many tokens."""
    writer = gguf.GGUFWriter(path, arch=kind)
    tensors = Tensors(writer, SEED)
    copy_tokenizer(tokenizer_from or find_smollm2(), writer)
    BUILDERS[kind](writer, tensors)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
