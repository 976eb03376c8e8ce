"""Requests: intended before they leave, settled with their rows, tried again whole."""

import pytest
from tests.journal.scenes import begin, intent, scene, staged

from leadgateway.errors import JournalError
from leadgateway.journal import IntendedRow, Intent, RowState, Settlement, Staged


@pytest.fixture
def lease(journal):
    """Hold a job with three leads."""
    lease = begin(journal)
    journal.stage(lease, staged("a", "b", "c"), None, last=True)
    return lease


@pytest.fixture
def seqs(journal, lease):
    """Return the numbers of its rows."""
    return [row.seq for row in journal.rows("job")]


def test_a_request_is_committed_before_it_leaves(store, journal, lease, seqs):
    asked = [
        intent(seqs[0], seqs[1], key=None, body=b"two"),
        intent(seqs[2], target_id="t", body=b"one"),
    ]
    made = journal.intend(lease, asked)
    assert [each.rows for each in made] == [each.rows for each in asked]
    assert made[0].id < made[1].id
    assert abs(made[0].at - journal.now()) < 60
    found = store.open().open_intents("job", 10)
    assert found == made
    assert [each.sends for each in found] == [1, 1]
    assert [row.state for row in journal.rows("job")] == [RowState.INTENT] * 3
    assert [row.intent_id for row in journal.rows("job")] == [made[0].id, made[0].id, made[1].id]
    assert journal.pending("job", 10) == []


def test_a_request_for_rows_as_they_were_staged_writes_their_drafts_no_second_time(journal):
    lease = begin(journal)
    drafted = Staged("a", "d", b"{}", b'{"n":1}', '["x"]')
    journal.stage(lease, [drafted, drafted._replace(source_id="b")], None, last=True)
    first, second = journal.pending("job", 9)
    rows = (
        IntendedRow(first.seq, "not", "looked at", as_staged=True),
        IntendedRow(second.seq, '{"n":2}', "[]"),
    )
    journal.intend(lease, [Intent("create_many", None, b"body", rows)])
    [request] = journal.open_intents("job", 9)
    assert request.rows == (
        IntendedRow(first.seq, '{"n":1}', '["x"]'),
        IntendedRow(second.seq, '{"n":2}', "[]"),
    )


def test_losses_stay_unless_others_are_told(store, journal, lease, seqs):
    [made] = journal.intend(lease, [intent(*seqs)])
    ends = [
        Settlement(seqs[0], RowState.CREATED, "t-a"),
        Settlement(seqs[1], RowState.CREATED, "t-b", losses='["others"]'),
        Settlement(seqs[2], RowState.CREATED, "t-c", losses="[]"),
    ]
    journal.settle(lease, ends, [made.id])
    known = [row.losses for row in journal.rows("job")]
    assert known == [f'["loss {seqs[0]}"]', '["others"]', "[]"]


def test_the_losses_of_many_leads_are_kept_once(store, journal, lease, seqs):
    ends = [Settlement(seq, RowState.FAILED, losses='["the same"]') for seq in seqs]
    journal.settle(lease, ends)
    [kept] = store.dump()["leadgateway_losses"]
    assert kept["losses"] == '["the same"]'
    assert {row.losses for row in journal.rows("job")} == {'["the same"]'}


def test_nothing_to_do_is_no_fault(journal, lease):
    assert journal.intend(lease, []) == []
    journal.settle(lease, [])
    journal.requeue(lease, [])
    assert journal.open_intents("job", 10) == []
    assert journal.rows_at("job", []) == []
    assert journal.known("job", []) == {}
    assert journal.linked("job", []) == set()


def test_how_often_a_request_left_is_counted(journal, lease, seqs):
    [made] = journal.intend(lease, [intent(seqs[0])])
    journal.resend(lease, made.id)
    journal.resend(lease, made.id)
    [found] = journal.open_intents("job", 10)
    assert found.sends == 3


def test_rows_are_settled_and_linked_and_their_request_closed(journal, lease, seqs):
    [made] = journal.intend(lease, [intent(*seqs)])
    ends = [
        Settlement(seqs[0], RowState.CREATED, "t-a", "email", losses='["x"]'),
        Settlement(seqs[1], RowState.SKIPPED, "t-b", reason="there already"),
        Settlement(seqs[2], RowState.FAILED, reason="too long", error="Rejected", before="{}"),
    ]
    journal.settle(lease, ends, [made.id])
    first, second, third = journal.rows("job")
    assert (first.state, first.target_id, first.matched_by) == (RowState.CREATED, "t-a", "email")
    assert (first.losses, first.reason) == ('["x"]', "")
    assert (second.state, second.reason) == (RowState.SKIPPED, "there already")
    assert (third.state, third.error, third.before) == (RowState.FAILED, "Rejected", "{}")
    assert journal.open_intents("job", 10) == []
    assert journal.linked("job", ["t-a", "t-b", "t-x"]) == {"t-a"}


@pytest.mark.parametrize("state", [RowState.CREATED, RowState.MERGED, RowState.UPDATED])
def test_what_arrived_is_linked(journal, lease, seqs, state):
    journal.settle(lease, [Settlement(seqs[0], state, "t-a")])
    assert journal.linked("job", ["t-a"]) == {"t-a"}


def test_what_arrived_at_an_id_that_nobody_told_is_not_linked(store, journal, lease, seqs):
    journal.settle(lease, [Settlement(seqs[0], RowState.CREATED)])
    assert {link["target_id"] for link in store.dump()["leadgateway_links"]} == {None}


def test_a_picture_from_before_stays_when_the_row_is_settled_again(journal, lease, seqs):
    journal.settle(lease, [Settlement(seqs[0], RowState.PENDING, "t", before="old")])
    journal.settle(lease, [Settlement(seqs[0], RowState.UPDATED, "t")])
    assert journal.row("job", seqs[0]).before == "old"


def test_a_request_in_doubt_stays_open_with_all_its_rows(journal, lease, seqs):
    [made] = journal.intend(lease, [intent(*seqs)])
    ends = [Settlement(seqs[0], RowState.CREATED, "t"), Settlement(seqs[1], RowState.UNKNOWN)]
    journal.settle(lease, ends)
    [found] = journal.open_intents("job", 10)
    assert [row.seq for row in found.rows] == seqs
    assert found.id == made.id


def test_a_row_that_waits_is_no_part_of_a_request_in_doubt(journal, lease, seqs):
    journal.intend(lease, [intent(*seqs)])
    journal.settle(lease, [Settlement(seqs[1], RowState.PENDING)])
    [found] = journal.open_intents("job", 10)
    assert [row.seq for row in found.rows] == [seqs[0], seqs[2]]


def test_open_requests_come_in_pages(journal, lease, seqs):
    made = journal.intend(lease, [intent(seq, body=b"body %d" % seq) for seq in seqs])
    assert journal.open_intents("job", 2) == made[:2]
    assert journal.open_intents("job", 2, made[1].id) == made[2:]
    journal.settle(lease, [Settlement(seqs[1], RowState.FAILED)], [made[1].id])
    assert journal.open_intents("job", 2) == [made[0], made[2]]
    assert journal.open_intents("other", 2) == []


# Again


def test_a_row_waits_again_as_it_waited_before_and_remembers_its_request(journal, lease, seqs):
    before = journal.pending("job", 10)
    [made] = journal.intend(lease, [intent(*seqs[:2])])
    ends = [
        Settlement(seqs[0], RowState.FAILED, "t", "id", "no", "Rejected", '["x"]'),
        Settlement(seqs[1], RowState.UNKNOWN),
    ]
    journal.settle(lease, ends, [made.id])
    journal.requeue(lease, seqs[:2])
    first, second, third = journal.pending("job", 10)
    assert (first.seq, first.payload, first.linked_id) == (seqs[0], before[0].payload, None)
    assert (first.earlier_intent, second.earlier_intent) == (made.id, made.id)
    assert third.earlier_intent is None
    row = journal.row("job", seqs[0])
    assert (row.target_id, row.matched_by, row.reason, row.error) == (None, None, "", "")
    assert row.losses == "[]"


def test_a_row_that_waits_again_leaves_no_open_request_behind(journal, lease, seqs):
    journal.intend(lease, [intent(*seqs[:2])])
    journal.requeue(lease, seqs[:2])
    assert journal.open_intents("job", 10) == []
    assert [row.source_id for row in journal.pending("job", 10)] == ["a", "b", "c"]


def test_a_row_whose_twin_is_known_still_knows_it_when_it_waits_again(journal):
    made = scene(journal)
    journal.intend(made.lease, [intent(made.seqs["changed"], operation="update")])
    journal.requeue(made.lease, [made.seqs["changed"]])
    [found] = [row for row in journal.pending("job", 99) if row.source_id == "changed"]
    assert found.linked_id == "t-changed"


def test_the_unknown_rows_of_a_request_are_given_up_one_by_one(journal, lease, seqs):
    journal.intend(lease, [intent(*seqs)])
    journal.settle(lease, [Settlement(seq, RowState.UNKNOWN) for seq in seqs])
    for number, seq in enumerate(seqs):
        [found] = journal.open_intents("job", 10)
        assert ([row.seq for row in found.rows], found.whole) == (seqs[number:], number == 0)
        journal.requeue(lease, [seq])
    assert journal.open_intents("job", 10) == []
    assert journal.counts("job") == {RowState.PENDING: 3}


def test_a_row_that_failed_waits_again_beside_one_in_doubt(journal, lease, seqs):
    [made] = journal.intend(lease, [framed(*seqs)])
    ends = [Settlement(seqs[0], RowState.FAILED), Settlement(seqs[1], RowState.UNKNOWN)]
    journal.settle(lease, [*ends, Settlement(seqs[2], RowState.CREATED, "t")])
    journal.requeue(lease, seqs[:1])
    [left] = journal.open_intents("job", 10)
    assert (left.body, left.whole) == (made.body, False)
    assert [row.seq for row in left.rows] == seqs[1:]
    [anew] = journal.intend(lease, [framed(seqs[0])])
    assert journal.open_intents("job", 10) == [left, anew]


def test_a_batch_is_asked_for_anew_in_halves(journal, lease, seqs):
    [whole] = journal.intend(lease, [intent(*seqs, body=b"whole")])
    halves = journal.intend(lease, [intent(seqs[0], body=b"1"), intent(*seqs[1:], body=b"2")])
    [emptied, *rest] = journal.open_intents("job", 10)
    assert (emptied.id, emptied.rows, rest) == (whole.id, (), halves)
    journal.settle(lease, [], [whole.id])
    assert journal.open_intents("job", 10) == halves


# What is refused changes nothing


FAILED = RowState.FAILED
REFUSED = {
    "half a request again": lambda j, made: j.requeue(made.lease, [made.seqs["i1"]]),
    "what arrived again": lambda j, made: j.requeue(
        made.lease, [made.seqs[i] for i in ("p1", "done")]
    ),
    "no row again": lambda j, made: j.requeue(made.lease, [10**6]),
    "a request for what arrived": lambda j, made: j.intend(
        made.lease, [intent(made.seqs["p1"]), intent(made.seqs["done"])]
    ),
    "a request for what failed": lambda j, made: j.intend(made.lease, [intent(made.seqs["bad"])]),
    "a request closed with a row in it": lambda j, made: j.settle(
        made.lease, [Settlement(made.seqs["i1"], RowState.CREATED, "t")], [made.request]
    ),
    "no row settled": lambda j, made: j.settle(made.lease, [Settlement(10**6, FAILED)]),
    "no request sent again": lambda j, made: j.resend(made.lease, 10**6),
    "no request closed": lambda j, made: j.settle(
        made.lease, [Settlement(made.seqs["p1"], FAILED)], [10**6]
    ),
    "another job's row": lambda j, made: j.settle(
        made.lease, [Settlement(next(j.rows("earlier")).seq, FAILED)]
    ),
}


@pytest.mark.parametrize("asked", REFUSED.values(), ids=REFUSED.keys())
def test_what_makes_no_sense_is_refused_and_changes_nothing(store, journal, asked):
    made = scene(journal)
    before = store.dump()
    with pytest.raises(JournalError, match="Nothing was changed"):
        asked(journal, made)
    assert store.dump() == before
    journal.keep(made.lease)


def test_what_was_purged_cannot_be_tried_again(store, journal):
    made = scene(journal)
    journal.purge("job")
    before = store.dump()
    with pytest.raises(JournalError, match="Nothing was changed"):
        journal.requeue(made.lease, [made.seqs["bad"]])
    assert store.dump() == before


# Bodies


def framed(*seqs):
    """Return a request whose body is made of what its leads are written as."""
    rows = tuple(IntendedRow(seq, f'{{"name":"日本 {seq}","of":{seq}}}', "[]") for seq in seqs)
    written = [f'{row.fields[:-1]},"row_ref":"{i}"}}' for i, row in enumerate(rows)]
    body = f'{{"leads":[{",".join(written)}],"on_duplicate":"skip"}}'.encode()
    return Intent("create_many", None, body, rows)


def bodies(journal):
    return [each.body for each in journal.open_intents("job", 9)]


def test_of_a_body_only_what_stands_around_its_leads_is_kept(store, journal, lease, seqs):
    asked = framed(*seqs)
    journal.intend(lease, [asked])
    [kept] = store.dump()["leadgateway_intents"]
    assert "日本" not in kept["body"]
    assert bodies(journal) == [asked.body]


def test_a_body_in_another_order_than_its_leads_is_kept_whole(store, journal, lease, seqs):
    backwards = framed(*reversed(seqs))
    journal.intend(lease, [backwards])
    [kept] = store.dump()["leadgateway_intents"]
    assert kept["body"] == backwards.body.decode()
    assert bodies(journal) == [backwards.body]


def test_a_request_whose_leads_become_part_of_others_keeps_its_body(journal, lease, seqs):
    asked = framed(*seqs)
    journal.intend(lease, [asked])
    halves = [framed(seqs[0]), framed(*seqs[1:])]
    journal.intend(lease, halves)
    assert bodies(journal) == [asked.body, *(half.body for half in halves)]


def test_a_lead_that_arrived_is_purged_once_nothing_of_its_request_is_in_doubt(
    journal, lease, seqs
):
    journal.intend(lease, [framed(*seqs)])
    journal.settle(lease, [Settlement(seqs[0], RowState.CREATED, "t")])
    in_doubt = journal.open_intents("job", 9)
    assert journal.purge("job") == 0
    assert journal.open_intents("job", 9) == in_doubt
    ends = [Settlement(seq, RowState.FAILED) for seq in seqs[1:]]
    journal.settle(lease, ends, [in_doubt[0].id])
    assert journal.purge("job") == len(seqs)


def test_a_request_whose_leads_wait_again_keeps_its_body(journal, lease, seqs):
    asked = framed(*seqs)
    journal.intend(lease, [asked])
    journal.settle(lease, [Settlement(seqs[0], RowState.PENDING, "t")])
    journal.reconfigure(lease, "{}", "hash-2")
    assert bodies(journal) == [asked.body]


def test_a_request_whose_leads_are_gone_is_an_edited_journal(store, journal, lease, seqs):
    journal.intend(lease, [framed(*seqs)])
    store.sql("UPDATE leadgateway_rows SET state = 'pending' WHERE seq = 1 RETURNING seq")
    with pytest.raises(JournalError, match="was edited"):
        journal.open_intents("job", 9)
