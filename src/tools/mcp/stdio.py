"""MCP over this process's own standard input and output, until the input ends."""

import os
import signal
import sys
from contextlib import redirect_stdout
from io import TextIOWrapper

import anyio
from mcp.server.stdio import stdio_server

from .offered import Offered, Tools


async def serve(tools: Tools, version: str) -> None:
    offered = Offered(tools, version)
    server = offered.server
    # The input is read in a thread that nothing can wake: a signal has to end all of us.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    output = anyio.wrap_file(TextIOWrapper(os.fdopen(os.dup(1), "wb"), encoding="utf-8"))
    # A stray word there would be no message.
    with redirect_stdout(sys.stderr):
        async with stdio_server(stdout=output) as (read, write), anyio.create_task_group() as group:
            group.start_soon(offered.run)
            await server.run(read, write, server.create_initialization_options())
            group.cancel_scope.cancel()
