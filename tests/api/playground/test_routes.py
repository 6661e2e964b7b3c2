"""The page's files: what is served, with which headers, to whom."""

import re
from collections.abc import Iterator

import httpx
import pytest
from localswarm.api.playground.routes import FOLDER, PATHS

from ...swarm.scripted import ScriptedMember
from ..serving import served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(ScriptedMember()) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_file_comes_with_its_type_and_the_strict_headers(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/playground/main.js", "text/javascript; charset=utf-8"),
        ("/playground/style.css", "text/css; charset=utf-8"),
        ("/playground/icons.svg", "image/svg+xml"),
    ],
)
def test_types(client: httpx.Client, path: str, kind: str) -> None:
    assert client.get(path).headers["content-type"] == kind
    assert client.head(path).status_code == 200


def test_a_file_that_the_browser_has_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/playground/main.js")
    again = client.get("/playground/main.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/playground/routes.py", "/playground/..%2Froutes.py", "/playground/%2e%2e/routes.py"]
)
def test_nothing_else_of_the_disk_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_the_guard_stands_before_the_page_too(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.get("/", headers=headers).status_code == 403


def test_the_page_needs_no_key_but_the_api_does() -> None:
    with served(ScriptedMember(), key="secret") as url:
        assert {path for path in PATHS if httpx.get(url + path).status_code != 200} == set()
        assert httpx.get(url + "/v1/models").status_code == 401
        assert httpx.get(url + "/playground").status_code == 401


def test_no_file_names_another_place_or_holds_code_or_style_in_markup() -> None:
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) <= {"#question"} | {
        address for address in re.findall(r'"(/playground/[^"]+)"', page) if address.split("#")[0] in PATHS
    }
    assert "//" not in re.sub(r"https?://www\.w3\.org\S+|/\*.*?\*/", "", (FOLDER / "style.css").read_text("utf-8"))


def test_no_module_makes_markup_of_text() -> None:
    for path in FOLDER.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", path.read_text()
        )
