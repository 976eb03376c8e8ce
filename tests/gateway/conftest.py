from contextlib import ExitStack

import pytest
from tests.gateway.faces import FACES, SIMULATORS, Face, serve


@pytest.fixture(params=FACES, ids=["-".join(face) for face in FACES])
def face(request):
    opened = Face(*request.param)
    yield opened
    opened.close()


@pytest.fixture
def site():
    """Start simulators; each ends with the test."""
    with ExitStack() as stack:
        yield lambda vendor, **options: serve(stack, SIMULATORS[vendor], **options)
