"""MCP, in both directions: our tools for programs that speak it, and the tools of servers that do.

Nothing here is imported before it is used: the library takes a second.
"""

import logging
import os

# It writes whole tracebacks of every client that leaves, and whoever has to know of a server is told by us.
logging.getLogger("mcp").setLevel(logging.CRITICAL)

ITS_SESSIONS = os.path.join("mcp", "shared", "session.py")


def _is_not_of_sessions(record: logging.LogRecord) -> bool:
    """They write whatever they do not understand, of any length and with all its marks, past their own logger."""
    return not record.pathname.endswith(ITS_SESSIONS)


_ROOT = logging.getLogger()
_ROOT.addFilter(_is_not_of_sessions)
if not _ROOT.handlers and logging.lastResort:
    # What is written so makes a handler of its own where there is none, and all of our lines would look otherwise.
    _ROOT.addHandler(logging.lastResort)
