"""Print the settings in force, and where each of them comes from: default, file, variable or flag."""

import argparse
import json
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
    }


def as_text(loaded: Loaded) -> str:
    rows = [(option.name, _in_words(option, loaded), loaded.origins[option.name]) for option in OPTIONS]
    missing = "" if loaded.file_found else " (there is none)"
    return (
        table(("setting", "value", "from"), rows)
        + f"\n\nsettings file   {loaded.file}{missing}\nstate folder    {loaded.settings.state_dir}"
    )


def _value(option: Option, loaded: Loaded) -> Any:
    value = getattr(loaded.settings, option.name)
    if option.secret and value is not None:
        return MASK
    return value if value is None or isinstance(value, bool | int) else str(value)


def _in_words(option: Option, loaded: Loaded) -> str:
    value = _value(option, loaded)
    if loaded.origins[option.name] == "default" and option.unset and option.name != "state_dir":
        return f"({option.unset})"
    if value is None:
        return "-"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
