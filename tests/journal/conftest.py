import pytest
from tests.journal.stores import PostgresStore, SQLiteStore


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path):
    """Offer each store in turn, empty."""
    if request.param == "sqlite":
        made = SQLiteStore(tmp_path / "journal" / "journal.db")
    else:
        server = request.getfixturevalue("postgres")
        made = PostgresStore(server.place_url(request.getfixturevalue("postgres_place")))
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path):
    """Offer a journal in a file."""
    made = SQLiteStore(tmp_path / "journal" / "journal.db")
    yield made
    made.close()


@pytest.fixture
def postgres_store(postgres, postgres_place):
    """Offer a journal in a place of its own."""
    made = PostgresStore(postgres.place_url(postgres_place), postgres_place)
    yield made
    made.close()


@pytest.fixture
def journal(store):
    """Open an empty journal, in each store."""
    return store.open()
