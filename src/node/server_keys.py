"""The keys for servers that somebody else runs, read from where the settings say that they are."""

from pathlib import Path

from .. import settings as setting
from ..errors import SettingError
from ..settings.keys import KeyPlace
from ..settings.kinds import key as well_formed


def read(place: KeyPlace | None, named_by: str) -> str:
    """Empty where none is named. `named_by`: the setting, and what it is for, for errors."""
    if place is None:
        return ""
    if place.file:
        return _checked(_read(place.file, named_by), f"The key in {place.file}")
    found = setting.variable(place.variable)
    if not found:
        raise SettingError(f"The variable {place.variable}, which {named_by} names, is not set.")
    return _checked(found, f"The key in the variable {place.variable}")


def _read(file: Path, named_by: str) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingError(f"The key file {file} of {named_by} cannot be read ({why}).") from None


def _checked(said: str, place: str) -> str:
    try:
        return well_formed(said)
    except ValueError as error:
        raise SettingError(f"{place} is none: {error}.") from None
