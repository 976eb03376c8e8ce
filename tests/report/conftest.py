"""A job whose rows ended in every way, with names that try to break out of a report."""

import pytest

from leadgateway.journal import Holder, JobRecord, JobState, RowState, Settlement, Staged
from leadgateway.journal.sqlite import open_sqlite

JOB = "old-to-new"
EVIL = "=cmd()|'/C calc'!A1\x1b[31m<script>alert(1)</script>"
LOSSES = (
    '[{"path":"company.name","fidelity":"dropped","reason":"no_such_field","detail":""},'
    '{"path":"phones","fidelity":"normalized","reason":"e164","detail":""}]'
)


@pytest.fixture
def journal(tmp_path):
    made = open_sqlite(tmp_path / "journal.db")
    made.open_job(JobRecord(JOB, "old", "new", "{}", "c0ffee"))
    lease = made.claim(JOB, Holder(1, "here"))
    ids = [f"lead-{number}" for number in range(5)] + [EVIL]
    made.stage(lease, [Staged(each, f"digest of {each}", b"{}") for each in ids], None, last=True)
    made.settle(
        lease,
        [
            Settlement(1, RowState.CREATED, "new-1", losses=LOSSES),
            Settlement(2, RowState.MERGED, "new-1", "email"),
            Settlement(3, RowState.SKIPPED, reason="-not wanted"),
            Settlement(4, RowState.FAILED, reason="lead: precondition", error="MappingError"),
            Settlement(5, RowState.UNKNOWN, reason="no answer", error="OutcomeUnknown"),
            Settlement(6, RowState.FAILED, reason=EVIL, error="Rejected"),
        ],
    )
    made.mark(lease, JobState.NEEDS_OPERATOR)
    made.release(lease)
    yield made
    made.close()
