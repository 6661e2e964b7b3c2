"""The sandbox of this machine. Where there is none: skipped, or in CI a failure."""

import os

import pytest
from localswarm.tools.sandbox import NoSandbox, Sandbox, find


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    try:
        return find()
    except NoSandbox as error:
        if "CI" in os.environ:
            raise
        pytest.skip(error.message)
