"""The MCP servers of `--mcp`, where nothing would come of them: whoever asks for them is told."""

import argparse
import sys

from ..errors import SettingError
from ..settings import Settings


def check(settings: Settings, words: argparse.Namespace, used: bool, mend: str) -> None:
    """`used`: there is a tool host that offers their tools. SettingError where they were given for this one start. What
    stands in a file, or a variable, is for other starts too."""
    if used or not settings.mcp:
        return
    why = f"The tools of MCP servers (--mcp) are offered by a tool host, and there is none here: {mend}"
    if words.mcp is not None:
        raise SettingError(f"{why}, or leave out --mcp.")
    print(f"warning: {why}. Without it they are left out.", file=sys.stderr)
