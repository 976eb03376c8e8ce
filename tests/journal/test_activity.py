"""How many requests left when: counted by the minute, resends included."""

from leadgateway.journal import Holder, IntendedRow, Intent, JobRecord, Staged


def test_requests_are_counted_by_the_minute_they_left_in(journal):
    journal.open_job(JobRecord("a-to-b", "a", "b", "{}", "c0ffee"))
    lease = journal.claim("a-to-b", Holder(1, "here"))
    journal.stage(lease, [Staged("1", "d", b"{}"), Staged("2", "d", b"{}")], None, last=True)
    rows = [row.seq for row in journal.pending("a-to-b", 10)]
    assert journal.activity("a-to-b") == []
    intents = [Intent("create", None, b"{}", (IntendedRow(seq, "{}", "[]"),)) for seq in rows]
    made = journal.intend(lease, intents)
    journal.resend(lease, made[0].id)
    activity = journal.activity("a-to-b")
    assert sum(requests for _, requests in activity) == 3
    assert activity[0][0] == int(made[0].at // 60)
