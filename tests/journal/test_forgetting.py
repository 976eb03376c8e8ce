"""What an undone job leaves behind: a later job moves its leads again."""

import pytest

from leadgateway.journal import Holder, JobRecord, RowState, Settlement, Staged

LEADS = [Staged("1", "first", b"{}"), Staged("2", "second", b"{}")]


def moved(journal, job):
    journal.open_job(JobRecord(job, "a", "b", "{}", "c0ffee"))
    lease = journal.claim(job, Holder(1, "here"))
    journal.stage(lease, LEADS, None, last=True)
    return lease, [row.seq for row in journal.rows(job)]


def arrived(journal, lease, seqs):
    ends = [Settlement(seq, RowState.CREATED, f"twin-{seq}") for seq in seqs]
    journal.settle(lease, ends)
    journal.release(lease)
    return journal.claim(lease.job, Holder(1, "here"))


def test_an_unlinked_lead_is_pending_in_a_later_job_and_has_no_twin(journal):
    lease, seqs = moved(journal, "one")
    lease = arrived(journal, lease, seqs)
    journal.unlink(lease, seqs[:1])
    moved(journal, "two")
    again = journal.pending("two", 10)
    assert [(row.source_id, row.linked_id) for row in again] == [("1", None)]


def test_an_outdated_lead_is_pending_in_a_later_job_with_its_twin(journal):
    lease, seqs = moved(journal, "one")
    lease = arrived(journal, lease, seqs)
    journal.outdate(lease, seqs[1:])
    moved(journal, "two")
    again = journal.pending("two", 10)
    assert [(row.source_id, row.linked_id) for row in again] == [("2", f"twin-{seqs[1]}")]


@pytest.mark.parametrize("forget", ["unlink", "outdate"])
def test_a_lead_that_became_another_twin_since_is_not_forgotten(journal, forget):
    earlier, seqs = moved(journal, "one")
    earlier = arrived(journal, earlier, seqs)
    journal.unlink(earlier, seqs)
    later, again = moved(journal, "two")
    arrived(journal, later, again)
    getattr(journal, forget)(earlier, seqs)
    moved(journal, "three")
    assert journal.pending("three", 10) == []
    assert [row.target_id for row in journal.rows("three")] == [f"twin-{seq}" for seq in again]
