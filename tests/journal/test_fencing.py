"""A holder that was away too long: whatever it still writes is refused and changes nothing."""

import pytest
from tests.journal.scenes import OTHER, WRITES, scene

from leadgateway.errors import JobLocked, JournalError


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_an_old_lease_writes_nothing(store, journal, write):
    made = scene(journal)
    store.set_clock("lease_until", -1)
    store.open().claim("job", OTHER)
    before = store.dump()
    with pytest.raises(JournalError, match="taken job 'job' over: this one stops here") as refused:
        write(journal, made)
    assert not isinstance(refused.value, JobLocked)
    assert refused.value.exit_code == 6
    assert store.dump() == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_the_holder_of_the_job_writes(store, journal, write):
    made = scene(journal)
    before = store.dump()
    write(journal, made)
    assert store.dump() != before


def test_a_lease_of_one_job_opens_no_other(store, journal):
    made = scene(journal)
    [earlier] = [each for each in journal.list_jobs() if each.id == "earlier"]
    before = store.dump()
    with pytest.raises(JournalError):
        journal.mark(made.lease.__class__(earlier.id, made.lease.fence), earlier.state)
    assert store.dump() == before
