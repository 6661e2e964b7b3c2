"""The recorded machines beside this file."""

from pathlib import Path

from localswarm.hardware.machine import Hardware, understand
from localswarm.hardware.readings import Readings, load

FOLDER = Path(__file__).parent / "machines"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def readings(name: str) -> Readings:
    return load((FOLDER / f"{name}.json").read_text())


def hardware(name: str) -> Hardware:
    return understand(readings(name))
