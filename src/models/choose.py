"""Which model this node serves, and why."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingError
from ..settings import Settings
from . import embedded, gguf


@dataclass(frozen=True, slots=True)
class Choice:
    path: Path
    name: str
    why: str


def choose(settings: Settings) -> Choice:
    if settings.model:
        return _named(Path(settings.model).expanduser())
    if not settings.auto:
        raise SettingError("No model was asked for. Take the best one for this machine with: python main.py --auto")
    path = embedded.find()
    embedded.verify(path)
    return Choice(path, embedded.NAME, "it came with the installation and needs no download")


def _named(path: Path) -> Choice:
    header = gguf.check(path)
    name = str(header.values.get("general.name") or path.stem)
    return Choice(path.resolve(), name, "you asked for it with --model")
