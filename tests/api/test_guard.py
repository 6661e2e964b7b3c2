"""Who may speak to the API: no other site's web page, no rebound name, nobody without the key where one is set."""

import pytest
from localswarm.api.guard import Access, check
from localswarm.api.origins import Origins
from localswarm.errors import BadRequest, Forbidden, Unauthorized

OPEN = Access()
KEYED = Access("secret", frozenset({"swarm.home"}))


@pytest.mark.parametrize("host", ["localhost:17615", "127.0.0.1:17615", "[::1]:17615", "192.168.1.7", "LOCALHOST"])
def test_addresses_and_own_names_are_fine(host: str) -> None:
    check({"host": host}, OPEN)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:17615", "localhost.evil.example", "127.0.0.1.nip.io"])
def test_a_rebound_name_is_refused(host: str) -> None:
    with pytest.raises(Forbidden):
        check({"host": host}, OPEN)


@pytest.mark.parametrize("host", ["", "[::1", "a b", ":80"])
def test_no_host_or_a_broken_one_is_a_bad_request(host: str) -> None:
    with pytest.raises((BadRequest, Forbidden)):
        check({"host": host}, OPEN)


def test_a_configured_name_is_fine() -> None:
    check({"host": "swarm.home", "authorization": "Bearer secret"}, KEYED)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "chrome-extension://abc", "https://localhost.evil.example"]
)
def test_pages_of_other_sites_are_refused(origin: str) -> None:
    with pytest.raises(Forbidden):
        check({"host": "localhost:17615", "origin": origin}, OPEN)


@pytest.mark.parametrize("origin", ["vscode-webview://1a2b", "http://localhost:3000", "chrome-extension://abc"])
def test_pages_that_may_are_fine_but_need_the_key_as_well(origin: str) -> None:
    named = Origins(["chrome-extension://*"])
    check({"host": "localhost:17615", "origin": origin}, Access(origins=named))
    with pytest.raises(Unauthorized):
        check({"host": "localhost:17615", "origin": origin}, Access("secret", origins=named))


def test_our_own_page_is_fine() -> None:
    check({"host": "localhost:17615", "origin": "http://localhost:17615"}, OPEN)


def test_a_browser_that_sends_no_origin_still_says_where_it_comes_from() -> None:
    with pytest.raises(Forbidden):
        check({"host": "localhost", "sec-fetch-site": "cross-site"}, OPEN)
    check({"host": "localhost", "sec-fetch-site": "none"}, OPEN)


@pytest.mark.parametrize("headers", [{"authorization": "Bearer secret"}, {"x-api-key": "secret"}])
def test_the_key_opens(headers: dict[str, str]) -> None:
    check({"host": "10.0.0.1"} | headers, KEYED)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "secret"}, {"x-api-key": ""}]
)
def test_anything_else_does_not(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
        check({"host": "10.0.0.1"} | headers, KEYED)
