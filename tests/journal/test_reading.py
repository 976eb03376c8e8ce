"""Reading a journal: in order, by state, by the target's id; and what a purge leaves."""

import pytest
from tests.journal.scenes import begin, intent, scene, seqs_of, staged

from leadgateway.journal import RowState, Settlement, reading


def test_rows_are_read_page_by_page_in_their_order(journal, monkeypatch):
    monkeypatch.setattr(reading, "_PAGE", 2)
    lease = begin(journal)
    journal.stage(lease, staged(*"abcde"), None, last=True)
    assert [row.source_id for row in journal.rows("job")] == list("abcde")
    third = list(journal.rows("job"))[2].seq
    assert [row.source_id for row in journal.rows("job", after=third)] == list("de")
    journal.stage(lease, staged("f"), None, last=True)
    assert [row.source_id for row in journal.rows("job")] == list("abcdef")


def test_rows_of_some_states_come_in_their_order_too(journal, monkeypatch):
    monkeypatch.setattr(reading, "_PAGE", 2)
    lease = begin(journal)
    journal.stage(lease, staged(*"abcdefg"), None, last=True)
    seqs = seqs_of(journal)
    ends = {"a": RowState.FAILED, "c": RowState.UNKNOWN, "d": RowState.FAILED, "g": RowState.FAILED}
    journal.settle(lease, [Settlement(seqs[each], state) for each, state in ends.items()])
    wanted = [RowState.UNKNOWN, RowState.FAILED, RowState.UNKNOWN]
    assert [row.source_id for row in journal.rows("job", wanted)] == list("acdg")
    assert [row.source_id for row in journal.rows("job", wanted, seqs["c"])] == list("dg")
    assert [row.source_id for row in journal.rows("job", [RowState.PENDING])] == list("bef")
    assert list(journal.rows("job", [RowState.MERGED])) == []


def test_rows_may_be_settled_while_they_are_read(journal, monkeypatch):
    monkeypatch.setattr(reading, "_PAGE", 2)
    lease = begin(journal)
    journal.stage(lease, staged(*"abcde"), None, last=True)
    read = []
    for row in journal.rows("job", [RowState.PENDING]):
        read.append(row.source_id)
        journal.settle(lease, [Settlement(row.seq, RowState.FAILED)])
    assert read == list("abcde")


def test_where_rows_ended_is_told_and_rows_are_found_by_their_numbers(journal):
    lease = begin(journal)
    journal.stage(lease, staged(*"abcd"), None, last=True)
    seqs = seqs_of(journal)
    ends = [Settlement(seqs[each], RowState.MERGED, f"t-{each}") for each in "abc"]
    ends.append(Settlement(seqs["d"], RowState.MERGED, "t-a"))
    journal.settle(lease, ends)
    told = list(zip(seqs.values(), ["t-a", "t-b", "t-c", "t-a"], strict=True))
    assert list(journal.arrivals("job")) == told
    found = journal.rows_at("job", [seqs["d"], 99, seqs["a"], seqs["a"]])
    assert [row.source_id for row in found] == ["a", "d"]
    assert list(journal.arrivals("other")) == journal.rows_at("other", [seqs["a"]]) == []


def test_an_id_is_taken_by_any_job_to_the_same_target(journal):
    for name, source, target in (("one", "old", "new"), ("two", "older", "new"), ("x", "old", "y")):
        lease = begin(journal, name, source=source, target=target)
        journal.stage(lease, staged("a"), None, last=True)
        [row] = journal.rows(name)
        journal.settle(lease, [Settlement(row.seq, RowState.CREATED, f"t-{name}")])
    begin(journal, "three", source="elsewhere")
    assert journal.linked("three", ["t-one", "t-two", "t-x"]) == {"t-one", "t-two"}


def test_rows_are_counted_by_state(journal):
    made = scene(journal)
    assert journal.counts("job") == {
        RowState.PENDING: 4, RowState.INTENT: 2, RowState.CREATED: 1, RowState.SKIPPED: 1,
        RowState.FAILED: 1, RowState.UNKNOWN: 1,
    }  # fmt: skip
    assert made.lease.job == "job"


def test_the_journals_time_is_in_seconds_and_goes_on(journal):
    first = journal.now()
    assert 1.7e9 < first <= journal.now()


# Purge


def test_a_purge_keeps_ids_digests_and_outcomes(store, journal):
    scene(journal)
    before = {row.source_id: row for row in journal.rows("job")}
    assert journal.purge("job") == 3
    for row in journal.rows("job"):
        was = before[row.source_id]
        assert (row.digest, row.target_id, row.state) == (was.digest, was.target_id, was.state)
        assert (row.reason, row.error, row.losses) == (was.reason, was.error, was.losses)
    gone = {row.source_id for row in journal.rows("job") if row.payload is None}
    assert gone == {"same", "done", "bad"}
    assert all(row.payload is not None for row in journal.rows("earlier"))


def test_a_purge_leaves_what_is_still_needed(store, journal):
    made = scene(journal)
    pending, requests = journal.pending("job", 99), journal.open_intents("job", 99)
    journal.purge("job")
    assert journal.pending("job", 99) == pending
    assert journal.open_intents("job", 99) == requests
    closed = [row["body"] for row in store.dump()["leadgateway_intents"] if not row["is_open"]]
    assert set(closed) == {""}
    journal.settle(made.lease, [Settlement(pending[0].seq, RowState.CREATED, "t")])
    assert journal.purge("job") == 1
    assert journal.purge("job") == 0


def test_what_was_purged_is_still_known_to_be_moved(journal):
    lease = begin(journal, "first")
    journal.stage(lease, staged("a"), None, last=True)
    [row] = journal.rows("first")
    journal.settle(lease, [Settlement(row.seq, RowState.CREATED, "t-a")])
    journal.purge("first")
    second = begin(journal, "second")
    journal.stage(second, staged("a"), None, last=True)
    [row] = journal.rows("second")
    assert (row.state, row.target_id) == (RowState.SKIPPED, "t-a")


@pytest.mark.parametrize("size", [20, 9000])
def test_a_purged_payload_is_nowhere_in_the_files(sqlite_store, size):
    journal = sqlite_store.open()
    lease = begin(journal)
    canary = "canary-of-a-person" + "." * size
    rows = [each._replace(payload=canary.encode()) for each in staged(*"abcdef")]
    journal.stage(lease, rows, None, last=True)
    seqs = seqs_of(journal)
    asked = [intent(seq, body=canary.encode()) for seq in seqs.values()]
    made = journal.intend(lease, asked)
    ends = [Settlement(seq, RowState.UPDATED, f"t{seq}", before=canary) for seq in seqs.values()]
    files = list(sqlite_store.path.parent.iterdir())
    assert any(b"canary-of-a-person" in each.read_bytes() for each in files)
    journal.settle(lease, ends, [each.id for each in made])
    assert journal.purge("job") == 6
    for each in sqlite_store.path.parent.iterdir():
        assert b"canary-of-a-person" not in each.read_bytes(), each.name
