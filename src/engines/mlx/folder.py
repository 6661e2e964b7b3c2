"""What lies in a model's folder, and whether it is whole; without MLX."""

import json
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import ModelUnusable

INDEX = "model.safetensors.index.json"
TOKENIZER = "tokenizer.json"
# A damaged header must not make us read gigabytes.
LONGEST_HEADER = 2**28


@dataclass(frozen=True)
class Folder:
    path: Path

    @cached_property
    def config(self) -> dict[str, Any]:
        config = self.json("config.json")
        if not config:
            raise ModelUnusable(f"{self.path} is no folder for MLX: it has no config.json that can be read.")
        return config

    @cached_property
    def of_tokenizer(self) -> dict[str, Any]:
        return self.json("tokenizer_config.json")

    @property
    def architecture(self) -> str:
        return str(self.config.get("model_type") or "")

    @property
    def trained_context(self) -> int:
        """Zero where nothing says."""
        nested = self.config.get("text_config")
        places = [self.config, nested if isinstance(nested, dict) else {}]
        return next((int(place[key]) for place in places if (key := _context_key(place))), 0)

    @property
    def template(self) -> str | None:
        file = self.path / "chat_template.jinja"
        if file.is_file():
            return file.read_text(encoding="utf-8")
        told = self.of_tokenizer.get("chat_template") or self.json("chat_template.json").get("chat_template")
        if isinstance(told, list):
            named = {one.get("name"): one.get("template") for one in told if isinstance(one, dict)}
            told = named.get("default")
        return told if isinstance(told, str) else None

    def json(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def text_of(self, name: str) -> str:
        """A token that the tokenizer's configuration names, such as `bos_token`."""
        told = self.of_tokenizer.get(name)
        told = told.get("content") if isinstance(told, dict) else told
        return told if isinstance(told, str) else ""

    def check(self) -> None:
        """ModelUnusable says what is missing or broken."""
        assert self.config
        if not (self.path / TOKENIZER).is_file():
            raise ModelUnusable(
                f"{self.path} has no {TOKENIZER}, without which no text can be read. Download it again."
            )
        for file in self.weights():
            _check_whole(file)

    def weights(self) -> list[Path]:
        told = self.json(INDEX).get("weight_map")
        names = set(told.values()) if isinstance(told, dict) else set()
        found = [self.path / str(name) for name in names] or list(self.path.glob("model*.safetensors"))
        missing = sorted(file.name for file in found if not file.is_file())
        if missing:
            raise ModelUnusable(f"{self.path} lacks {missing[0]}, a part of the model's weights. Download it again.")
        if not found:
            raise ModelUnusable(f"{self.path} has no weights (model.safetensors). Download it again.")
        return sorted(found)


def _context_key(place: dict[str, Any]) -> str | None:
    keys = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "model_max_length")
    return next((key for key in keys if isinstance(place.get(key), int) and place[key] > 0), None)


def _check_whole(file: Path) -> None:
    """The header of a safetensors file says where its last tensor ends."""
    size = file.stat().st_size
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(length)) if length <= min(LONGEST_HEADER, size) else {}
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error):
        raise ModelUnusable(f"{file} is damaged: its header cannot be read. Download it again.") from None
    if not ends or 8 + length + max(ends) > size:
        raise ModelUnusable(f"{file} is cut short: it has {size} bytes. Download it again.")
