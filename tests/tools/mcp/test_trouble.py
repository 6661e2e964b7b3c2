"""What is said of a server that is away."""

import httpx
import pytest
from localswarm.tools.mcp.trouble import LONGEST, MountFailed, told
from mcp.shared.exceptions import McpError
from mcp.types import ErrorData

URL = "https://docs.example/mcp?token=hidden"
ASKED = httpx.Request("POST", URL)


def status(code: int, words: str = "") -> httpx.HTTPStatusError:
    return httpx.HTTPStatusError(words or f"Error {code} for {URL}", request=ASKED, response=httpx.Response(code))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MountFailed("has ended"), "has ended"),
        (status(401), "answers with 401. Name the place of the key that it wants: --mcp NAME=URL,key_file=FILE or "),
        (status(403), "answers with 403. Name the place"),
        (status(500), "answers with 500: it is no MCP server, or a broken one"),
        (status(307, "Redirect to https://b not followed"), "Redirect to https://b not followed"),
        (httpx.ConnectError("nobody there"), "cannot be reached: nobody there"),
        (httpx.ReadTimeout(""), "cannot be reached: ReadTimeout"),
        (McpError(ErrorData(code=1, message="go\n\x1b[31maway")), "refuses us: go away"),
        (OSError("odd"), "cannot be used: OSError: odd"),
    ],
)
def test_one_line_of_it(error: Exception, words: str) -> None:
    said = told(ExceptionGroup("several", [ExceptionGroup("inner", [error])]))
    assert said.startswith(words) and "hidden" not in said and "\n" not in said


def test_what_we_found_ourselves_says_most() -> None:
    found = [OSError("odd"), status(500), MountFailed("has ended")]
    assert told(ExceptionGroup("several", found)) == "has ended"
    assert told(ExceptionGroup("several", found[:2])).startswith("answers with 500")
    assert len(told(ExceptionGroup("several", [MountFailed("x" * 10_000)]))) == LONGEST
