"""What an operator does by hand: doubts are listed and settled, failed rows are tried again."""

import json

import pytest
from tests.services.fault_proxy import edit, lose_response, reset, status_before
from tests.transfer.engine.world import email, once_each, without

from leadgateway.errors import ConfigError, JobLocked
from leadgateway.journal import Holder, JobState, RowState
from leadgateway.transfer.operate import resolve_created, resolve_resend, retry, unknown_rows
from leadgateway_novala.adapter import Novala


@pytest.fixture
def doubtful(world, monkeypatch):
    """A job of three leads, one of which arrived and one of which did not, and nobody knows."""
    without(Novala, monkeypatch, lookup=None)
    here = world("novala", 3)
    here.wire.on(lose_response, nth=1)
    here.wire.on(reset, nth=1)
    ended = here.run(concurrency=1)
    assert ended.counts == {"unknown": 2, "created": 1}
    journal = here.journal()
    yield here, journal
    journal.close()


def test_a_row_that_arrived_is_recorded_as_what_it_became(doubtful):
    here, journal = doubtful
    arrived = next(r["id"] for r in here.target.tenant.leads if r["email"] == email(0))
    row = resolve_created(journal, "job", 1, arrived)
    assert (row.state, row.target_id, row.reason) == ("created", arrived, "settled by hand")
    assert journal.linked("job", [arrived]) == {arrived}
    assert [each.seq for each in unknown_rows(journal, "job")] == [2]
    assert journal.find_job("job").state is JobState.NEEDS_OPERATOR
    resolve_resend(journal, "job", 2)
    assert list(unknown_rows(journal, "job")) == []
    assert journal.find_job("job").state is JobState.PAUSED
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)


def test_settling_the_last_doubt_ends_the_job(doubtful):
    here, journal = doubtful
    resolve_created(journal, "job", 1, "one")
    resolve_created(journal, "job", 2, "two")
    assert journal.find_job("job").state is JobState.DONE
    assert journal.open_intents("job", 10) == []
    sent = len(here.wire.passed())
    assert here.run().exit_code == 0
    assert len(here.wire.passed()) == sent


def test_what_makes_no_sense_is_refused(doubtful):
    _, journal = doubtful
    other = journal.row("job", 3).target_id
    for seq, target_id, why in (
        (1, other, "belongs to another row"),
        (1, " ", "name the lead's id"),
        (3, "x", "row 3 is created"),
        (9, "x", "no row 9"),
    ):
        with pytest.raises(ConfigError, match=why):
            resolve_created(journal, "job", seq, target_id)
    with pytest.raises(ConfigError, match="row 3 is created"):
        resolve_resend(journal, "job", 3)
    with pytest.raises(ConfigError, match="no job 'other'"):
        retry(journal, "other")
    lease = journal.claim("job", Holder(1, "elsewhere"))
    with pytest.raises(JobLocked):
        resolve_resend(journal, "job", 1)
    journal.release(lease)
    assert [row.state for row in journal.rows("job")] == ["unknown", "unknown", "created"]


def test_a_row_of_a_batch_is_settled_without_the_others(world):
    here = world("mega", 3)
    here.wire.on(lose_response, times=None)
    assert here.run().exit_code == 75
    here.wire.calm()
    journal = here.journal()
    one, other, _ = unknown_rows(journal, "job")
    assert (one.rows, one.key, one.body_sha256) == (3, other.key, other.body_sha256)
    resolve_created(journal, "job", one.seq, "made-by-hand")
    assert len(journal.open_intents("job", 10)) == 1
    resolve_resend(journal, "job", other.seq)
    assert [len(each.rows) for each in journal.open_intents("job", 10)] == [2]
    journal.close()
    assert [each.why for each in _unknown(here)] == [other.why]
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"created": 2, "merged": 1})
    assert here.arrived() == once_each(3)


def one_refused_and_one_left_out(body):
    answer = json.loads(body)
    refused, _, arrived = answer["results"]
    refused.update(status="failed", lead_id=None, errors=["not today"])
    summary = {"total": 3, "created": 2, "updated": 0, "skipped": 0, "failed": 1}
    return json.dumps({**answer, "results": [refused, arrived], "summary": summary}).encode()


def test_a_row_that_is_tried_again_leaves_the_doubt_about_its_neighbour_to_a_look_up(world):
    here = world("mega", 3)
    here.wire.on(edit(one_refused_and_one_left_out), times=None)
    assert here.run().counts == {"failed": 1, "unknown": 1, "created": 1}
    here.wire.calm()
    journal = here.journal()
    assert retry(journal, "job") == 1
    journal.close()
    sent = len(here.wire.passed())
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"merged": 1, "created": 2})
    assert len(here.wire.passed()) - sent == 1
    assert here.arrived() == once_each(3)


@pytest.fixture
def told_to_wait(world):
    """A job of six leads: one failed, one is in doubt, and the others are to wait for a day."""
    here = world("novala", 6)
    here.wire.on(status_before(400, b'{"error": "bad"}'))
    here.wire.on(lose_response)
    here.wire.on(status_before(429, b"{}", retry_after="86400"))
    ended = here.run(concurrency=1)
    assert (ended.exit_code, ended.counts) == (75, {"failed": 1, "unknown": 1, "pending": 4})
    journal = here.journal()
    yield here, journal
    journal.close()


def settle_by_hand(journal, doubt):
    resolve_created(journal, "job", doubt.seq, "by-hand")


def send_anew(journal, doubt):
    resolve_resend(journal, "job", doubt.seq)


def try_again(journal, _doubt):
    assert retry(journal, "job") == 1


@pytest.mark.parametrize("by_hand", [settle_by_hand, send_anew, try_again])
def test_what_is_done_by_hand_does_not_shorten_the_wait_that_a_vendor_asked_for(
    told_to_wait, by_hand
):
    here, journal = told_to_wait
    until = journal.find_job("job").paused_until
    [doubt] = unknown_rows(journal, "job")
    by_hand(journal, doubt)
    found = journal.find_job("job")
    assert (found.state, found.paused_until, found.finished_at) == (JobState.PAUSED, until, None)
    sent = len(here.wire.trace)
    assert here.run().exit_code == 75
    assert len(here.wire.trace) == sent


def test_a_job_that_was_not_read_to_its_end_is_not_ended_by_hand(doubtful):
    here, journal = doubtful
    here.tell("UPDATE leadgateway_jobs SET reading_done = 0, state = 'paused'")
    for doubt in list(unknown_rows(journal, "job")):
        resolve_created(journal, "job", doubt.seq, f"by-hand-{doubt.seq}")
    assert journal.find_job("job").state is JobState.PAUSED


def test_a_sample_whose_doubts_are_settled_by_hand_has_ended(doubtful):
    here, journal = doubtful
    here.tell("UPDATE leadgateway_jobs SET reading_done = 0")
    for doubt in list(unknown_rows(journal, "job")):
        resolve_created(journal, "job", doubt.seq, f"by-hand-{doubt.seq}")
    assert journal.find_job("job").state is JobState.DONE


def _unknown(here):
    journal = here.journal()
    rows = list(unknown_rows(journal, "job"))
    journal.close()
    return rows


@pytest.fixture
def failing(world):
    """A job of five leads, of which three were refused for two reasons."""
    here = world("novala", 5)
    here.wire.on(status_before(422, b'{"error": "too long"}'), times=2)
    here.wire.on(status_before(400, b'{"error": "no such user"}'))
    ended = here.run(concurrency=1)
    assert ended.counts == {"failed": 3, "created": 2}
    journal = here.journal()
    yield here, journal
    journal.close()


@pytest.mark.parametrize(
    ("reason", "left"), [(None, 0), ("too long", 1), ("Rejected", 0), ("no such user", 2)]
)
def test_failed_rows_are_tried_again_by_their_reason_and_nothing_else_is(failing, reason, left):
    here, journal = failing
    assert retry(journal, "job", reason) == 3 - left
    sent, read = len(here.wire.passed()), len(here.from_wire.trace)
    ended = here.run()
    assert len(here.wire.passed()) - sent == 3 - left
    assert len(here.from_wire.trace) == read
    assert ended.exit_code == (3 if left else 0)
    assert sum(here.arrived().values()) == 5 - left
    assert set(here.arrived().values()) == {1}


def test_nothing_to_try_again_leaves_the_job_as_it_is(failing):
    _, journal = failing
    assert retry(journal, "job", "another reason") == 0
    assert journal.find_job("job").state is JobState.DONE_WITH_FAILURES


def test_a_row_whose_payload_was_purged_cannot_be_tried_again(failing):
    here, journal = failing
    journal.purge("job")
    assert retry(journal, "job") == 0
    assert [row.state for row in journal.rows("job", [RowState.FAILED])] == ["failed"] * 3
    assert here.run().exit_code == 3


def test_a_keyed_row_that_is_tried_again_has_a_key_of_its_own(world):
    here = world("apollo_space", 1)
    here.wire.on(status_before(422))
    assert here.run().exit_code == 3
    journal = here.journal()
    retry(journal, "job")
    journal.close()
    assert here.run().exit_code == 0
    keys = [post.headers["idempotency-key"] for post in here.wire.passed()]
    assert len(set(keys)) == 2
