"""A lab needs Linux and root. Without them these tests are left out; in CI that would hide that they never run."""

import os
import sys

import pytest

if sys.platform != "linux":
    collect_ignore_glob = ["*"]
else:
    from .netlab import unavailable

    @pytest.fixture(scope="session", autouse=True)
    def rights() -> None:
        if why := unavailable():
            if "CI" in os.environ:
                pytest.fail(why)
            pytest.skip(why)
