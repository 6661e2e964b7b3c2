"""The servers of `--upstream`, with their keys."""

from pathlib import Path

from .. import settings as setting
from ..errors import SettingError
from ..settings import Settings, Upstream
from ..settings.kinds import key as well_formed
from ..swarm.upstream.http import Address
from ..swarm.upstream.server import UpstreamServer

PLACE = "--upstream"


def servers(settings: Settings, node: str) -> list[UpstreamServer]:
    """`node`: the name that we go by, so that an address that leads back to us is known."""
    return [UpstreamServer(Address(one.url, _key(one)), node) for one in settings.upstream]


def _key(upstream: Upstream) -> str:
    if upstream.key_file:
        return _checked(_read(upstream.key_file), f"The key in {upstream.key_file}")
    if not upstream.key_variable:
        return ""
    found = setting.variable(upstream.key_variable)
    if not found:
        raise SettingError(f"The variable {upstream.key_variable}, which {PLACE} {upstream.url} names, is not set.")
    return _checked(found, f"The key in the variable {upstream.key_variable}")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingError(f"The key file {file} of {PLACE} cannot be read ({why}).") from None


def _checked(said: str, place: str) -> str:
    try:
        return well_formed(said)
    except ValueError as error:
        raise SettingError(f"{place} is none: {error}.") from None
