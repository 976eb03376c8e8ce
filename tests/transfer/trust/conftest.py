from contextlib import ExitStack

import pytest
from tests.transfer.trust.move import Move


@pytest.fixture
def move(tmp_path):
    """Make a move between two simulators; each ends with the test."""
    with ExitStack() as stack:
        made = iter(range(1000))

        def make(source, target, **options):
            folder = tmp_path / str(next(made))
            return stack.enter_context(Move(source, target, folder, **options))

        yield make
