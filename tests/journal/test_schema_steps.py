"""The schema grows by steps: an older journal takes those it has not taken, whole or not at all."""

import random

import pytest
from tests.journal.scenes import HOLDER, scene, staged
from tests.journal.stores import SQLiteStore

from leadgateway.errors import JournalError
from leadgateway.journal import (
    IntendedRow,
    JobRecord,
    JobState,
    Known,
    Pending,
    RowState,
    Settlement,
)
from leadgateway.journal.schema import STEPS

SECOND = (
    "ALTER TABLE leadgateway_rows ADD COLUMN note TEXT",
    "UPDATE leadgateway_rows SET note = 'was ' || state",
)
THIRD = ("CREATE TABLE leadgateway_notes (id {serial}, said TEXT NOT NULL)",)
JOB_BEFORE = (
    "INSERT INTO leadgateway_jobs (id, source, target, config, config_hash, state, created_at)"
    " VALUES ('job', 'old', 'new', '{}', 'hash', 'running', 12.5) RETURNING id"
)
LEAD_BEFORE = (
    "INSERT INTO leadgateway_rows (job, source_id, digest, payload, state, fields, before)"
    " VALUES ('job', 'a', 'd', '?', 'created', '?', '?') RETURNING seq"
)
BROKEN = ("ALTER TABLE leadgateway_rows ADD COLUMN note TEXT", "DROP TABLE leadgateway_nowhere")


def version(store):
    if isinstance(store, SQLiteStore):
        return store.sql("PRAGMA user_version")[0]["user_version"]
    return store.sql("SELECT version FROM leadgateway_meta")[0]["version"]


VERSION = len(STEPS)


def test_the_schema_of_today_has_six_steps():
    assert VERSION == 6


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


def test_the_leads_of_an_older_journal_are_moved_over_and_go_on_where_they_were(store):
    store.open(steps=STEPS[:3]).close()
    store.sql(JOB_BEFORE)
    store.sql(
        "INSERT INTO leadgateway_intents (job, operation, body, at)"
        " VALUES ('job', 'create', 'body', 13.5) RETURNING id"
    )
    columns = "job, source_id, digest, payload, state, intent, fields, target_id, losses, before"
    for row in (
        "'a', 'da', 'pa', 'updated', NULL, 'fa', 't-a', '[1]', 'ba'",
        "'b', 'db', 'pb', 'intent', 1, 'fb', NULL, '[2]', NULL",
        "'c', 'dc', 'pc', 'pending', NULL, 'fc', NULL, '[3]', NULL",
        "'d', 'dd', NULL, 'skipped', NULL, NULL, 't-d', '[]', NULL",
    ):
        store.sql(f"INSERT INTO leadgateway_rows ({columns}) VALUES ('job', {row}) RETURNING seq")  # noqa: S608  # ours
    journal = store.open()
    assert [
        (row.seq, row.source_id, row.payload, row.fields, row.losses, row.before)
        for row in journal.rows("job")
    ] == [
        (1, "a", "pa", "fa", "[1]", "ba"),
        (2, "b", "pb", "fb", "[2]", None),
        (3, "c", "pc", "fc", "[3]", None),
        (4, "d", None, None, "[]", None),
    ]
    assert [row.target_id for row in journal.rows("job")] == ["t-a", None, None, "t-d"]
    assert journal.pending("job", 9) == [Pending(3, "c", "", None, None, "fc", "[3]")]
    [request] = journal.open_intents("job", 9)
    assert request.rows == (IntendedRow(2, "fb", "[2]"),)
    lease = journal.claim("job", HOLDER)
    assert journal.stage(lease, staged("a", "e"), None, last=True) == 1
    journal.settle(lease, [Settlement(2, RowState.CREATED, "t-b")], [request.id])
    assert journal.purge("job") == 2
    assert [row.payload for row in journal.rows("job")] == [
        None, None, "pc", None, '{"name": "lead e"}',
    ]  # fmt: skip


def test_links_and_rows_of_an_older_journal_name_the_same_leads(store):
    store.open(steps=STEPS[:4]).close()
    for name in ("one", "two", "x"):
        pair = "'old', 'other'" if name == "x" else "'old', 'new'"
        store.sql(JOB_BEFORE.replace("'job', 'old', 'new'", f"'{name}', {pair}"))
    rows = "INSERT INTO leadgateway_rows (job, source_id, digest, state, target_id) VALUES"
    for row in (
        "('one', 'a', 'd1', 'created', 't-a')", "('one', 'b', 'd1', 'failed', NULL)",
        "('two', 'b', 'd1', 'created', 't-b')", "('x', 'a', 'd1', 'pending', NULL)",
    ):  # fmt: skip
        store.sql(f"{rows} {row} RETURNING seq")
    links = "INSERT INTO leadgateway_links (source, target, source_id, target_id, digest) VALUES"
    for link in ("'old', 'new', 'a', 't-a', 'd1'", "'old', 'new', 'lost', 't-l', 'd2'"):
        store.sql(f"{links} ({link}) RETURNING source_id")
    journal = store.open()
    told = {
        name: [(row.seq, row.source_id, row.target_id) for row in journal.rows(name)]
        for name in ("one", "two", "x")
    }
    assert told == {
        "one": [(1, "a", "t-a"), (2, "b", None)], "two": [(3, "b", "t-b")], "x": [(4, "a", None)],
    }  # fmt: skip
    moved, met = Known(staged=False, moved="d1"), Known(staged=True, moved=None)
    gone = Known(staged=False, moved="d2")
    assert journal.known("two", ["a", "b", "lost", "c"]) == {"a": moved, "b": met, "lost": gone}
    assert journal.known("x", ["a", "b"]) == {"a": met}
    assert journal.linked("two", ["t-a", "t-b", "t-l"]) == {"t-a", "t-l"}
    lease = journal.claim("two", HOLDER)
    assert journal.stage(lease, staged("a", "b", "c"), None, last=True) == 2
    first, second, third = [row.seq for row in journal.rows("two")]
    assert first == 3
    assert 4 < second < third


def purged(store, canary):
    """Purge a lead that an older journal kept in its rows."""
    store.open(steps=STEPS[:3]).close()
    store.sql(JOB_BEFORE)
    store.sql(LEAD_BEFORE.replace("?", canary))
    journal = store.open()
    assert journal.row("job", 1).payload == canary
    assert journal.purge("job") == 1


def test_nothing_of_a_lead_stays_in_the_file_that_it_was_moved_over_in(sqlite_store):
    purged(sqlite_store, "canary-of-a-person" + "." * 9000)
    for each in sqlite_store.path.parent.iterdir():
        assert b"canary-of-a-person" not in each.read_bytes(), each.name


def test_nothing_of_a_lead_stays_in_the_rows_that_it_was_moved_over_from(postgres_store):
    purged(postgres_store, random.Random(1).randbytes(100_000).hex())
    [size] = postgres_store.sql("SELECT pg_table_size('leadgateway_rows') AS bytes")
    assert size["bytes"] < 100_000


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
