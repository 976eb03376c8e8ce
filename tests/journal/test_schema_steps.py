"""The schema grows by steps: an older journal takes those it has not taken, whole or not at all."""

import pytest
from tests.journal.scenes import scene
from tests.journal.stores import SQLiteStore

from leadgateway.errors import JournalError
from leadgateway.journal import JobRecord, JobState
from leadgateway.journal.schema import STEPS

SECOND = (
    "ALTER TABLE leadgateway_rows ADD COLUMN note TEXT",
    "UPDATE leadgateway_rows SET note = 'was ' || state",
)
THIRD = ("CREATE TABLE leadgateway_notes (id {serial}, said TEXT NOT NULL)",)
BROKEN = ("ALTER TABLE leadgateway_rows ADD COLUMN note TEXT", "DROP TABLE leadgateway_nowhere")


def version(store):
    if isinstance(store, SQLiteStore):
        return store.sql("PRAGMA user_version")[0]["user_version"]
    return store.sql("SELECT version FROM leadgateway_meta")[0]["version"]


VERSION = len(STEPS)


def test_the_schema_of_today_has_three_steps():
    assert VERSION == 3


def test_a_journal_of_the_first_version_is_read_as_it_was(store):
    store.open(steps=STEPS[:1]).close()
    assert version(store) == 1
    store.sql(
        "INSERT INTO leadgateway_jobs"
        " (id, source, target, config, config_hash, state, created_at)"
        " VALUES ('job', 'old', 'new', '{}', 'hash', 'paused', 12.5) RETURNING id"
    )
    journal = store.open()
    assert version(store) == VERSION
    paused = JobRecord("job", "old", "new", "{}", "hash", JobState.PAUSED, created_at=12.5)
    assert journal.find_job("job") == paused
    journal.record_verification("job", "found")
    assert journal.find_job("job").verification == "found"


def test_an_older_journal_takes_the_steps_it_has_not_taken_and_keeps_what_it_holds(store):
    journal = store.open()
    made = scene(journal)
    before = store.dump()
    newer = store.open(steps=(*STEPS, SECOND, THIRD))
    assert version(store) == VERSION + 2
    assert store.sql("SELECT * FROM leadgateway_notes") == []
    rows = store.dump()["leadgateway_rows"]
    assert [row.pop("note") for row in rows] == [f"was {row['state']}" for row in rows]
    assert rows == before["leadgateway_rows"]
    newer.keep(made.lease)
    again = store.open(steps=(*STEPS, SECOND, THIRD))
    assert list(again.rows("job")) == list(newer.rows("job"))


def test_a_new_journal_takes_all_steps(store):
    store.open(steps=(*STEPS, SECOND, THIRD))
    assert version(store) == VERSION + 2
    assert store.sql("SELECT note FROM leadgateway_rows") == []


def test_steps_are_taken_one_by_one_too(store):
    store.open()
    store.open(steps=(*STEPS, SECOND))
    assert version(store) == VERSION + 1
    store.open(steps=(*STEPS, SECOND, THIRD))
    assert version(store) == VERSION + 2


def test_a_step_that_fails_leaves_the_journal_as_it_was(store):
    journal = store.open()
    made = scene(journal)
    before = store.dump()
    with pytest.raises(JournalError, match="leadgateway_nowhere"):
        store.open(steps=(*STEPS, THIRD, BROKEN))
    with pytest.raises(JournalError, match="leadgateway_nowhere"):
        store.open(steps=(*STEPS, BROKEN))
    assert version(store) == VERSION
    assert store.dump() == before
    journal.keep(made.lease)
    store.open()


def test_an_older_leadgateway_refuses_a_newer_journal_and_changes_nothing(store):
    store.open(steps=(*STEPS, THIRD)).close()
    before = store.dump()
    said = rf"\(schema {VERSION + 1}, this one knows {VERSION}\): upgrade"
    with pytest.raises(JournalError, match=said) as refused:
        store.open()
    assert refused.value.exit_code == 6
    assert store.dump() == before
    assert version(store) == VERSION + 1


def test_a_newer_journal_is_known_by_its_first_bytes(sqlite_store):
    at_work = sqlite_store.open()
    sqlite_store.open(steps=(*STEPS, THIRD))
    assert int.from_bytes(sqlite_store.path.read_bytes()[60:64], "big") == VERSION + 1
    assert at_work.list_jobs() == []
