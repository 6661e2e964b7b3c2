"""A proxy is not asked for what is near."""

import pytest
from localswarm.cli.agents.proxy import passed_by


@pytest.mark.parametrize(
    ("variables", "exempt"),
    [
        ({}, None),
        ({"NO_PROXY": "a"}, None),
        ({"HTTP_PROXY": ""}, None),
        ({"https_proxy": "http://p:1"}, "10.0.0.7"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a,b"}, "a,b,10.0.0.7"),
        ({"ALL_PROXY": "http://p:1", "no_proxy": "a"}, "a,10.0.0.7"),
    ],
)
def test_it_is_passed_by(variables: dict[str, str], exempt: str | None) -> None:
    expected = {} if exempt is None else {"NO_PROXY": exempt, "no_proxy": exempt}
    assert passed_by(variables, "http://10.0.0.7:17615") == expected
