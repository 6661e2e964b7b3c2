"""MCP, in both directions: our tools for programs that speak it, and the tools of servers that do.

Nothing here is imported before it is used: the library takes a second.
"""

import logging

# It writes whole tracebacks of every client that leaves, and whoever has to know of a server is told by us.
logging.getLogger("mcp").setLevel(logging.CRITICAL)
