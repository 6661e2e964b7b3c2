"""Print the settings in force, and where each of them comes from: default, file, variable or flag; and the variables of
other programs that count here too."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from .. import settings as all_settings
from ..settings import OPTIONS, Loaded, Option, Settings
from .table import table

EXAMPLES = """examples:
  python main.py config
  python main.py config --port 8080 --json
  LOCALSWARM_CONTEXT=8192 python main.py config
"""
SETTINGS = tuple(option.name for option in OPTIONS)
MASK = "********"
# Of other programs, and in force here too: where models are kept and come from, and which GPUs are seen.
ALSO = ("HF_", "OLLAMA_", "CUDA_", "HIP_", "ROCR_")
SECRET = "HF_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(settings: Settings, words: argparse.Namespace) -> int:
    loaded = all_settings.read(vars(words))
    print(json.dumps(as_json(loaded), indent=2) if words.json else as_text(loaded))
    return 0


def as_json(loaded: Loaded) -> dict[str, Any]:
    return {
        "file": str(loaded.file),
        "file_found": loaded.file_found,
        "state_dir": str(loaded.settings.state_dir),
        "settings": {
            option.name: {"value": _value(option, loaded), "from": loaded.origins[option.name]} for option in OPTIONS
        },
        "variables": variables(all_settings.foreign()),
    }


def as_text(loaded: Loaded) -> str:
    rows = [(option.name, _in_words(option, loaded), loaded.origins[option.name]) for option in OPTIONS]
    rows += [(name, value, f"variable {name}") for name, value in variables(all_settings.foreign()).items()]
    missing = "" if loaded.file_found else " (there is none)"
    return (
        table(("setting", "value", "from"), rows)
        + f"\n\nsettings file   {loaded.file}{missing}\nstate folder    {loaded.settings.state_dir}"
    )


def variables(found: Mapping[str, str]) -> dict[str, str]:
    """Those that are set; an empty one says something of GPUs, and nothing of the hub."""
    shown = {name: value for name, value in sorted(found.items()) if name.startswith(ALSO)}
    return {name: MASK if name == SECRET and value else value for name, value in shown.items()}


def _value(option: Option, loaded: Loaded) -> Any:
    value = getattr(loaded.settings, option.name)
    if option.secret and value is not None:
        return MASK
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value if value is None or isinstance(value, bool | int) else str(value)


def _in_words(option: Option, loaded: Loaded) -> str:
    value = _value(option, loaded)
    if loaded.origins[option.name] == "default" and option.unset and option.name != "state_dir":
        return f"({option.unset})"
    if value in (None, []):
        return "-"
    if isinstance(value, list):
        return ", ".join(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
