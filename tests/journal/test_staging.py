"""Staging: a page and its cursor together, each lead once, and what was moved before is known."""

import pytest
from tests.journal.scenes import HOLDER, begin, intent, scene, seqs_of, staged

from leadgateway.errors import JournalError
from leadgateway.journal import Known, Pending, RowState, Settlement, Staged


def moved(journal, *ids, source="old", target="new", name="earlier"):
    """Let an earlier job move these leads."""
    lease = begin(journal, name, source=source, target=target)
    journal.stage(lease, staged(*ids), None, last=True)
    ends = [
        Settlement(seq, RowState.CREATED, f"t-{i}") for i, seq in seqs_of(journal, name).items()
    ]
    journal.settle(lease, ends)
    journal.release(lease)


def test_a_page_is_staged_with_the_cursor_behind_it(journal):
    lease = begin(journal)
    assert journal.stage(lease, staged("a", "b"), "behind b", last=False) == 2
    found = journal.find_job("job")
    assert (found.cursor, found.reading_done) == ("behind b", False)
    first, second = journal.pending("job", 10)
    assert first == Pending(first.seq, "a", '{"name": "lead a"}', None)
    assert second.source_id == "b"
    assert first.seq < second.seq
    row = journal.row("job", first.seq)
    assert (row.digest, row.payload, row.state) == ("d1-a", first.payload, RowState.PENDING)
    assert (row.target_id, row.matched_by, row.before, row.intent_id) == (None,) * 4
    assert (row.reason, row.error, row.losses) == ("", "", "[]")


def test_the_last_page_ends_the_reading(journal):
    lease = begin(journal)
    assert journal.stage(lease, [], None, last=True) == 0
    found = journal.find_job("job")
    assert (found.cursor, found.reading_done) == (None, True)


def test_a_lead_is_staged_once_however_often_it_is_read(journal):
    lease = begin(journal)
    assert journal.stage(lease, staged("a", "b"), "1", last=False) == 2
    assert journal.stage(lease, staged("b", "c", digest="else"), "2", last=False) == 1
    assert journal.stage(lease, staged("d", "d"), "3", last=False) == 1
    assert [row.source_id for row in journal.rows("job")] == ["a", "b", "c", "d"]
    assert [row.digest for row in journal.rows("job")][1] == "d1-b"


def test_jobs_do_not_share_their_rows(journal):
    one, two = begin(journal, "one"), begin(journal, "two")
    journal.stage(one, staged("a"), None, last=False)
    assert journal.stage(two, staged("a"), None, last=False) == 1
    [row] = journal.rows("two")
    assert journal.row("one", row.seq) is None


def test_what_was_moved_and_is_unchanged_is_skipped_with_its_twin(journal):
    moved(journal, "a")
    lease = begin(journal)
    assert journal.stage(lease, staged("a", "b"), None, last=True) == 2
    row, _ = journal.rows("job")
    assert (row.state, row.target_id) == (RowState.SKIPPED, "t-a")
    assert row.reason == "unchanged since it was moved"
    assert [each.source_id for each in journal.pending("job", 9)] == ["b"]


def test_what_was_moved_and_has_changed_knows_its_twin(journal):
    moved(journal, "a")
    lease = begin(journal)
    journal.stage(lease, staged("a", digest="d2"), None, last=True)
    [pending] = journal.pending("job", 9)
    assert pending.linked_id == "t-a"
    [row] = journal.rows("job")
    assert (row.state, row.target_id, row.reason) == (RowState.PENDING, None, "")


@pytest.mark.parametrize("other", [{"source": "elsewhere"}, {"target": "elsewhere"}])
def test_a_move_between_other_connections_says_nothing(journal, other):
    moved(journal, "a", **other)
    lease = begin(journal)
    journal.stage(lease, staged("a"), None, last=True)
    [pending] = journal.pending("job", 9)
    assert pending.linked_id is None


def test_the_link_is_to_what_was_moved_last(journal):
    moved(journal, "a")
    lease = begin(journal, "second")
    journal.stage(lease, staged("a", digest="d2"), None, last=True)
    [row] = journal.rows("second")
    journal.settle(lease, [Settlement(row.seq, RowState.UPDATED, "t-a2")])
    third = begin(journal, "third")
    journal.stage(third, staged("a", digest="d2"), None, last=True)
    [row] = journal.rows("third")
    assert (row.state, row.target_id) == (RowState.SKIPPED, "t-a2")


def test_rows_wait_in_the_order_in_which_they_came(journal):
    lease = begin(journal)
    for page in range(3):
        journal.stage(lease, staged(*(f"{page}{n}" for n in range(3))), str(page), last=False)
    assert [row.source_id for row in journal.pending("job", 5)] == ["00", "01", "02", "10", "11"]


def test_texts_come_back_as_they_went_in(journal):
    lease = begin(journal)
    odd = "日本 \N{PILE OF POO} 'quote' \"double\" %s %(x)s :name {now} \\ \r\n\t\u202e"
    journal.stage(lease, [Staged(odd, odd, odd.encode())], odd, last=False)
    [row] = journal.rows("job")
    assert (row.source_id, row.digest, row.payload) == (odd, odd, odd)
    assert journal.find_job("job").cursor == odd
    journal.settle(lease, [Settlement(row.seq, RowState.CREATED, odd, odd, odd, odd, odd, odd)])
    [row] = journal.rows("job")
    assert row.target_id == odd
    assert (row.matched_by, row.reason, row.error, row.losses, row.before) == (odd,) * 5
    assert journal.linked("job", [odd]) == {odd}


def test_a_text_that_is_no_unicode_is_refused_and_not_repeated(store, journal):
    lease = begin(journal)
    before = store.dump()
    with pytest.raises(JournalError, match="no Unicode") as refused:
        journal.stage(lease, [Staged("a", "secret \ud800", b"{}")], "1", last=False)
    assert refused.value.__cause__ is None
    assert store.dump() == before
    assert journal.stage(lease, staged("a"), "1", last=False) == 1


def doubtful(journal, *ids, state=RowState.UNKNOWN, name="earlier", **connections):
    """Let another job leave these leads in doubt."""
    lease = begin(journal, name, **connections)
    journal.stage(lease, staged(*ids), None, last=True)
    seqs = seqs_of(journal, name)
    if state is RowState.INTENT:
        journal.intend(lease, [intent(*(seqs[each] for each in ids))])
    else:
        journal.settle(lease, [Settlement(seqs[each], state, reason="no answer") for each in ids])
    journal.release(lease)


def states(journal, name="job"):
    return {row.source_id: str(row.state) for row in journal.rows(name)}


@pytest.mark.parametrize("state", [RowState.UNKNOWN, RowState.INTENT])
def test_what_is_in_doubt_in_another_job_is_skipped(journal, state):
    doubtful(journal, "a", state=state)
    lease = begin(journal)
    assert journal.stage(lease, staged("a", "b"), None, last=True) == 2
    assert states(journal) == {"a": "skipped", "b": "pending"}
    row, _ = journal.rows("job")
    assert row.reason == "in doubt in another job of these connections: resolve it there"
    assert row.target_id is None


@pytest.mark.parametrize("other", [{"source": "elsewhere"}, {"target": "elsewhere"}])
def test_a_doubt_between_other_connections_is_none_here(journal, other):
    doubtful(journal, "a", **other)
    lease = begin(journal)
    journal.stage(lease, staged("a"), None, last=True)
    journal.catch_up(lease)
    assert states(journal) == {"a": "pending"}


def test_a_job_does_not_skip_what_is_in_doubt_in_itself(journal):
    doubtful(journal, "a", name="job")
    lease = journal.claim("job", HOLDER)
    journal.stage(lease, staged("a", "b"), None, last=True)
    journal.catch_up(lease)
    assert states(journal) == {"a": "unknown", "b": "pending"}


def test_rows_that_wait_catch_up_with_other_jobs(journal):
    lease = begin(journal)
    early = begin(journal, "early")
    journal.stage(early, staged("changed"), None, last=True)
    journal.stage(lease, staged("same", "doubt", "free"), None, last=False)
    journal.stage(lease, staged("changed", digest="d2"), None, last=True)
    [seq] = seqs_of(journal, "early").values()
    journal.settle(early, [Settlement(seq, RowState.CREATED, "t-changed")])
    journal.release(early)
    moved(journal, "same")
    doubtful(journal, "doubt", name="third")
    assert set(states(journal).values()) == {"pending"}
    journal.catch_up(lease)
    assert states(journal) == {
        "same": "skipped", "doubt": "skipped", "free": "pending", "changed": "pending",
    }  # fmt: skip
    rows = {row.source_id: row for row in journal.rows("job")}
    assert (rows["same"].target_id, rows["same"].reason) == (
        "t-same", "unchanged since it was moved",
    )  # fmt: skip
    linked = {row.source_id: row.linked_id for row in journal.pending("job", 9)}
    assert linked == {"free": None, "changed": "t-changed"}
    assert rows["changed"].target_id is None


def test_what_a_later_job_read_anew_and_moved_is_not_put_back(journal):
    moved(journal, "a", "b", "c")
    lease = begin(journal)
    journal.stage(lease, staged("a", "b", "c", digest="d2"), None, last=True)
    later = begin(journal, "later")
    journal.stage(later, staged("a", "b", digest="d3"), None, last=True)
    newer = seqs_of(journal, "later")
    journal.settle(later, [Settlement(newer["a"], RowState.UPDATED, "t-a")])
    journal.settle(later, [Settlement(newer["b"], RowState.FAILED)])
    journal.catch_up(lease)
    assert states(journal) == {"a": "skipped", "b": "pending", "c": "pending"}
    [row] = [row for row in journal.rows("job") if row.source_id == "a"]
    assert (row.target_id, row.reason) == ("t-a", "a later job moved it as it was then")


def test_what_a_later_job_found_as_it_was_moved_is_not_changed(journal):
    moved(journal, "a")
    lease = begin(journal)
    journal.stage(lease, staged("a", digest="d2"), None, last=True)
    later = begin(journal, "later")
    journal.stage(later, staged("a"), None, last=True)
    assert states(journal, "later") == {"a": "skipped"}
    journal.catch_up(lease)
    assert states(journal) == {"a": "skipped"}


def test_what_is_settled_or_on_its_way_does_not_catch_up(journal):
    made = scene(journal)
    before = {row.source_id: row for row in journal.rows("job")}
    moved(journal, "done", "bad", "odd", "i1", "p1", name="later")
    journal.catch_up(made.lease)
    after = {row.source_id: row for row in journal.rows("job")}
    assert {each for each in after if after[each] != before[each]} == {"p1"}


def test_what_is_staged_and_what_was_moved_is_told_for_a_page(journal):
    moved = begin(journal, "first")
    journal.stage(moved, staged("a", "b"), None, last=True)
    rows = journal.pending("first", 9)
    journal.settle(moved, [Settlement(rows[0].seq, RowState.CREATED, "t1")])
    later = begin(journal, "second")
    moved, new = Known(staged=False, moved="d1-a"), Known(staged=False, moved=None)
    assert journal.known("second", ["a", "b", "c"]) == {"a": moved, "b": new}
    assert journal.earlier_payload("second", "a", "d1-a") == '{"name": "lead a"}'
    assert journal.earlier_payload("second", "a", "else") is None
    unread = Staged("a", "d1-a", None)
    assert journal.stage(later, [unread, *staged("c")], None, last=True) == 2
    staged_too, unmoved = moved._replace(staged=True), new._replace(staged=True)
    assert journal.known("second", ["a", "b", "c"]) == {"a": staged_too, "b": new, "c": unmoved}
    [skipped] = journal.rows("second", [RowState.SKIPPED])
    assert (skipped.payload, skipped.target_id) == (None, "t1")
    with pytest.raises(JournalError, match="purged"):
        journal.requeue(later, [skipped.seq])


def test_what_was_not_read_is_skipped_even_if_its_twin_went_away_meanwhile(journal):
    lease = begin(journal, "job")
    journal.stage(lease, [Staged("a", "d", None)], None, last=True)
    assert journal.counts("job") == {RowState.SKIPPED: 1}


def test_rows_are_staged_with_what_they_will_be_written_as_or_how_they_ended(journal):
    lease = begin(journal, "job")
    ended = Staged("b", "d", b"{}", None, "[1]", RowState.FAILED, "too long", "FidelityError")
    journal.stage(lease, [Staged("a", "d", b"{}", b'{"n":1}', "[2]"), ended], None, last=True)
    [drafted] = journal.pending("job", 9)
    assert (drafted.fields, drafted.losses) == ('{"n":1}', "[2]")
    [failed] = journal.rows("job", [RowState.FAILED])
    assert (failed.reason, failed.error, failed.losses) == ("too long", "FidelityError", "[1]")
    assert drafted.payload == ""
    journal.reconfigure(lease, "{}", "hash-2")
    [again] = journal.pending("job", 9)
    assert (again.payload, again.fields, again.losses) == ("{}", None, "[]")


def test_a_drafted_lead_whose_twin_shows_up_is_drafted_anew_from_its_payload(journal):
    early = begin(journal, "early")
    journal.stage(early, staged("a"), None, last=True)
    lease = begin(journal)
    journal.stage(lease, [Staged("a", "d2", b"{}", b'{"n":1}')], None, last=True)
    journal.settle(early, [Settlement(seqs_of(journal, "early")["a"], RowState.CREATED, "t-a")])
    journal.catch_up(lease)
    [pending] = journal.pending("job", 9)
    assert (pending.linked_id, pending.payload) == ("t-a", "{}")
