"""The engine's process gets what makes it quick; what the user has set stays."""

import pytest
from localswarm.engines.surroundings import surroundings


@pytest.mark.parametrize(
    ("own", "tunables"),
    [
        ({}, "glibc.malloc.hugetlb=1"),
        ({"GLIBC_TUNABLES": "glibc.malloc.tcache_count=3"}, "glibc.malloc.tcache_count=3:glibc.malloc.hugetlb=1"),
        ({"GLIBC_TUNABLES": "glibc.malloc.hugetlb=0"}, "glibc.malloc.hugetlb=0"),
    ],
)
def test_large_pages_unless_somebody_said_otherwise(own: dict[str, str], tunables: str) -> None:
    assert surroundings(own | {"PATH": "/bin"}) == {"PATH": "/bin", "GLIBC_TUNABLES": tunables}
