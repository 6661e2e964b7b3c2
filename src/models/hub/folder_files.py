"""Which files of a repository make a folder for MLX. Pure."""

from collections.abc import Sequence
from fnmatch import fnmatch

from ..card import ModelFile

CONFIG = "config.json"
WEIGHTS = "model*.safetensors"
# What is told of the vocabulary, of the form of a conversation, and of how an answer ends.
TEXTS = (
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
    "chat_template.json",
    "generation_config.json",
    "model.safetensors.index.json",
)


def of_folder(files: Sequence[ModelFile]) -> tuple[ModelFile, ...]:
    """In the order in which they are downloaded. A folder is one by its config.json, so that comes last: until then
    nobody takes a half of it for the whole. None where there is no model for MLX."""
    texts = [file for file in files if file.name in TEXTS]
    weights = sorted((file for file in files if is_weights(file.name)), key=lambda file: file.name)
    config = [file for file in files if file.name == CONFIG]
    return (*texts, *weights, *config) if weights and config else ()


def is_weights(name: str) -> bool:
    return "/" not in name and fnmatch(name, WEIGHTS)
