"""Some agents send even what is meant for localhost to the proxy of the network, if there is one."""

from collections.abc import Mapping
from urllib.parse import urlsplit

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def passed_by(variables: Mapping[str, str], url: str) -> dict[str, str]:
    """The variables that keep requests to this address from a proxy; none where there is no proxy."""
    if not any(variables.get(name) or variables.get(name.lower()) for name in PROXIES):
        return {}
    said = variables.get("NO_PROXY") or variables.get("no_proxy") or ""
    exempt = ",".join(filter(None, (said, urlsplit(url).hostname)))
    return {"NO_PROXY": exempt, "no_proxy": exempt}
