import pytest
from tests.drivers.wire import FACES, Sender, Wire


@pytest.fixture
def wire():
    """Start servers; each is stopped, and its threads joined, after the test."""
    started = []

    def start(script, **options):
        server = Wire(script, **options)
        started.append(server)
        return server

    yield start
    for server in started:
        server.close()


@pytest.fixture(params=FACES, ids=["-".join(face) for face in FACES])
def face(request):
    return request.param


@pytest.fixture
def sender(face):
    """Make drivers of the face under test; each is closed after the test."""
    made = []

    def make(**options):
        made.append(Sender(*face, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
