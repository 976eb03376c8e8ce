"""Simulators that end with the test."""

from contextlib import ExitStack

import pytest
from tests.transfer.sites import Sites


@pytest.fixture
def sites():
    with ExitStack() as stack:
        yield Sites(stack)
