"""The settings file, the variables and the flags."""

from ... import settings
from ...errors import SettingError
from .finding import Finding, Situation, fail, ok, warn


def check_settings(situation: Situation) -> Finding:
    try:
        loaded = settings.read(vars(situation.words))
    except SettingError as error:
        cause, _, mend = error.message.rpartition(". ")
        return fail(cause or error.message, mend if cause else "See: python main.py config --help")
    if loaded.warnings:
        cause, _, mend = loaded.warnings[0].partition(". ")
        return warn(cause, mend)
    return ok(f"{loaded.file} is well formed" if loaded.file_found else f"no file at {loaded.file}, and none is needed")
