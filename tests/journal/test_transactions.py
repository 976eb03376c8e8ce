"""Every write is one transaction: whatever stops it, and wherever, nothing of it stands."""

import pytest
from tests.journal.scenes import HOLDER, WRITES, job, scene

from leadgateway.errors import JournalError


class Stopped(Exception):
    """The process is stopped, so to speak."""


class Stopping:
    """A database that works until a statement is asked for, and stops there."""

    def __init__(self, database):
        self._database = database
        self.allowed = float("inf")
        self.close = database.close
        self.read = database.read
        self.write = database.write
        self.scrub = database.scrub

    def _count(self):
        self.allowed -= 1
        if self.allowed < 0:
            raise Stopped

    def run(self, statement, values):
        self._count()
        return self._database.run(statement, values)

    def change(self, statement, values):
        self._count()
        return self._database.change(statement, values)

    def run_many(self, statement, values):
        self._count()
        return self._database.run_many(statement, values)


UNLEASED = {
    "open_job": lambda journal, made: journal.open_job(job("another")),
    "claim": lambda journal, made: journal.claim("earlier", HOLDER),
    "evict": lambda journal, made: journal.evict("job", HOLDER),
    "release": lambda journal, made: journal.release(made.lease),
    "purge": lambda journal, made: journal.purge("job"),
}


@pytest.mark.parametrize("write", [*WRITES.values(), *UNLEASED.values()], ids=[*WRITES, *UNLEASED])
def test_a_write_that_is_stopped_before_any_of_its_statements_changes_nothing(store, write):
    database = Stopping(store.database())
    journal = store.over(database)
    made = scene(journal)
    before = store.dump()
    stops = 0
    while True:
        database.allowed = stops
        try:
            write(journal, made)
        except Stopped:
            assert store.dump() == before
            stops += 1
        else:
            break
    assert stops >= 1
    assert store.dump() != before


def test_the_work_is_undone_when_the_user_interrupts_it(store):
    database = store.database()
    journal = store.over(database)
    made = scene(journal)
    before = store.dump()

    def work():
        database.run("UPDATE leadgateway_jobs SET cursor = 'x' WHERE id = :job", {"job": "job"})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.write(work)
    assert store.dump() == before
    journal.keep(made.lease)


def test_what_the_database_refuses_is_a_journal_error(store):
    database = store.database()
    journal = store.over(database)
    made = scene(journal)
    with pytest.raises(JournalError, match="failed") as refused:
        database.write(lambda: database.run("SELECT * FROM nowhere", {}))
    assert refused.value.exit_code == 6
    with pytest.raises(JournalError, match="failed"):
        database.read(lambda: database.run("SELECT * FROM nowhere", {}))
    journal.keep(made.lease)


def test_a_reader_sees_one_state_and_keeps_no_writer_waiting(store):
    reader, journal = store.database(), store.open()
    store.over(reader)
    made = scene(journal)
    count = "SELECT COUNT(*) FROM leadgateway_rows"

    def work():
        before = reader.run(count, {})
        WRITES["stage"](journal, made)
        return before, reader.run(count, {})

    before, after = reader.read(work)
    assert before == after
    assert reader.read(lambda: reader.run(count, {})) > before
