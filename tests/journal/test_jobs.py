"""Jobs: made once, held by one, told apart by their fence."""

import time

import pytest
from tests.journal.scenes import HOLDER, OTHER, begin, job

from leadgateway.errors import JobLocked, JournalError
from leadgateway.journal import Holder, JobState


def test_a_job_is_made_once_and_found_again(store, journal):
    made = journal.open_job(job())
    assert (made.id, made.source, made.target) == ("job", "old", "new")
    assert (made.config, made.config_hash) == ('{"lenient": false}', "hash-1")
    assert (made.state, made.cursor, made.reading_done) == (JobState.RUNNING, None, False)
    assert (made.paused_until, made.finished_at) == (None, None)
    assert abs(made.created_at - journal.now()) < 60
    again = journal.open_job(job(source="else"))
    assert again == made
    assert store.open().find_job("job") == made


def test_there_is_no_job_that_nobody_made(journal):
    assert journal.find_job("job") is None
    with pytest.raises(JournalError, match="no job 'job'"):
        journal.claim("job", HOLDER)
    assert journal.list_jobs() == []
    assert journal.row("job", 1) is None
    assert list(journal.rows("job")) == []
    assert not journal.counts("job")


def test_jobs_are_listed_the_newest_first(store, journal):
    for name in ("one", "two", "three"):
        journal.open_job(job(name))
    store.sql("UPDATE leadgateway_jobs SET created_at = 1 WHERE id = 'two'")
    store.sql("UPDATE leadgateway_jobs SET created_at = 2 WHERE id = 'three'")
    store.sql("UPDATE leadgateway_jobs SET created_at = 2 WHERE id = 'one'")
    assert [each.id for each in journal.list_jobs()] == ["one", "three", "two"]


def test_a_job_goes_on_under_another_configuration(journal):
    lease = begin(journal)
    journal.reconfigure(lease, '{"lenient": true}', "hash-2")
    found = journal.find_job("job")
    assert (found.config, found.config_hash) == ('{"lenient": true}', "hash-2")


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        (JobState.RUNNING, False),
        (JobState.PAUSED, False),
        (JobState.DONE, True),
        (JobState.DONE_WITH_FAILURES, True),
        (JobState.NEEDS_OPERATOR, True),
    ],
)
def test_where_a_job_stands_is_marked(journal, state, ended):
    lease = begin(journal)
    journal.mark(lease, JobState.DONE)
    journal.mark(lease, state, 17.5)
    found = journal.find_job("job")
    assert (found.state, found.paused_until) == (state, 17.5)
    assert (found.finished_at is not None) is ended


# One holder


def test_a_second_process_hears_who_holds_the_job_and_since_when(store, journal):
    begin(journal)
    store.set_clock("held_since", -40)
    before = store.dump()
    with pytest.raises(JobLocked) as locked:
        store.open().claim("job", OTHER)
    assert (locked.value.job, locked.value.pid, locked.value.host) == ("job", 4711, "host-a")
    assert 40 <= locked.value.age < 100
    assert locked.value.exit_code == 5
    assert store.dump() == before


def test_a_holder_since_a_time_to_come_has_held_for_no_time(store, journal):
    begin(journal)
    store.set_clock("held_since", 1000)
    with pytest.raises(JobLocked) as locked:
        journal.claim("job", OTHER)
    assert locked.value.age == 0


def test_each_holder_has_a_higher_fence(journal):
    first = begin(journal)
    journal.release(first)
    second = journal.claim("job", OTHER)
    assert second.fence > first.fence


def test_a_lease_is_let_go_of_once_and_by_its_own_holder(store, journal):
    first = begin(journal)
    journal.release(first)
    journal.claim("job", OTHER)
    journal.release(first)
    with pytest.raises(JobLocked):
        journal.claim("job", HOLDER)


def test_a_job_is_known_with_its_holder_for_as_long_as_that_holds_it(store, journal):
    lease = begin(journal)
    for found in (journal.find_job("job"), *journal.list_jobs(), journal.open_job(job())):
        assert found.holder == HOLDER
    for moment in (-1, 10_000):  # silent for too long, or before the clock was put back
        store.set_clock("lease_until", moment)
        assert journal.find_job("job").holder is None
    store.set_clock("lease_until", 1)
    assert journal.find_job("job").holder == HOLDER
    journal.release(lease)
    assert journal.find_job("job").holder is None


# One holder of two connections


def begin_beside(journal, **connections):
    """Hold one job, and make another that is to be alone with its connections."""
    lease = begin(journal, "first")
    journal.open_job(job(**connections))
    return lease


def test_a_job_that_is_to_be_alone_hears_who_works_between_the_same_connections(store, journal):
    begin_beside(journal)
    store.set_clock("held_since", -40)
    before = store.dump()
    with pytest.raises(JobLocked) as locked:
        store.open().claim("job", OTHER, alone=True)
    assert (locked.value.job, locked.value.wanted) == ("first", "job")
    assert (locked.value.pid, locked.value.host) == (4711, "host-a")
    assert 40 <= locked.value.age < 100
    assert "Job 'job' is of the same two connections" in str(locked.value)
    assert store.dump() == before


@pytest.mark.parametrize(
    "connections", [{"source": "else"}, {"target": "else"}, {"source": "new", "target": "old"}]
)
def test_a_job_is_alone_with_its_own_two_connections_only(journal, connections):
    lease = begin_beside(journal, **connections)
    assert journal.claim("job", OTHER, alone=True).job == "job"
    journal.keep(lease)


def test_a_job_that_need_not_be_alone_is_held_beside_another(journal):
    lease = begin_beside(journal)
    assert journal.claim("job", OTHER).job == "job"
    journal.keep(lease)


def test_a_job_is_alone_when_the_other_was_let_go_of(journal):
    lease = begin_beside(journal)
    journal.release(lease)
    assert journal.claim("job", OTHER, alone=True).job == "job"


@pytest.mark.parametrize("ends", [-0.01, 10_000], ids=["silent", "in-a-time-to-come"])
def test_who_was_taken_for_dead_cannot_go_on_beside_the_one_that_is_alone(store, journal, ends):
    first = begin_beside(journal)
    store.set_clock("lease_until", ends)
    journal.claim("job", OTHER, alone=True)
    with pytest.raises(JournalError, match="taken job 'first' over"):
        journal.keep(first)


def test_a_job_that_is_refused_takes_nobody_elses_lease(store, journal):
    first = begin_beside(journal)
    store.set_clock("lease_until", -0.01)
    mine = journal.claim("job", HOLDER)
    with pytest.raises(JobLocked) as locked:
        store.open().claim("job", OTHER, alone=True)
    assert (locked.value.job, locked.value.wanted) == ("job", "job")
    journal.keep(first)
    journal.keep(mine)


def test_a_lease_that_was_let_go_of_is_no_lease(journal):
    lease = begin(journal)
    journal.release(lease)
    with pytest.raises(JournalError, match="taken job 'job' over"):
        journal.keep(lease)


def test_a_silent_holder_is_taken_for_dead(store, journal):
    lease = begin(journal)
    store.set_clock("lease_until", -0.01)
    taken = store.open().claim("job", OTHER)
    assert taken.fence == lease.fence + 1


def test_a_holder_that_speaks_up_keeps_its_job(store, journal):
    lease = begin(journal)
    store.set_clock("lease_until", -0.01)
    journal.keep(lease)
    with pytest.raises(JobLocked):
        store.open().claim("job", OTHER)


def test_every_write_prolongs_the_lease(store, journal):
    lease = begin(journal)
    store.set_clock("lease_until", 1)
    journal.mark(lease, JobState.RUNNING)
    [held] = store.sql("SELECT lease_until FROM leadgateway_jobs")
    assert 50 < held["lease_until"] - journal.now() <= 60


def test_a_lease_from_before_the_clock_was_put_back_holds_nobody(store, journal):
    begin(journal)
    store.set_clock("lease_until", 2 * 86400)
    store.open().claim("job", OTHER)


def test_a_clock_that_was_put_right_by_a_little_frees_no_job(store, journal):
    begin(journal)
    store.set_clock("lease_until", 1800)
    with pytest.raises(JobLocked):
        store.open().claim("job", OTHER)


@pytest.mark.parametrize("days", [-2, 2])
def test_leases_go_by_the_journals_clock_and_not_by_the_programs(store, journal, monkeypatch, days):
    begin(journal)
    told = time.time() + days * 86400
    monkeypatch.setattr(time, "time", lambda: told)
    other = store.open()
    with pytest.raises(JobLocked):
        other.claim("job", OTHER)
    assert abs(other.now() - told) > 86400


def test_a_dead_holder_is_put_out_and_its_lease_is_worth_nothing(store, journal):
    lease = begin(journal)
    journal.evict("job", HOLDER)
    with pytest.raises(JournalError):
        journal.keep(lease)
    assert store.open().claim("job", OTHER).fence == lease.fence + 1
    with pytest.raises(JournalError):
        journal.keep(lease)


@pytest.mark.parametrize("other", [Holder(4711, "host-b"), Holder(4712, "host-a")])
def test_who_does_not_hold_the_job_is_not_put_out(journal, other):
    lease, elsewhere = begin(journal), begin(journal, "elsewhere")
    journal.evict("job", other)
    journal.evict("nowhere", HOLDER)
    journal.keep(lease)
    journal.evict("job", HOLDER)
    journal.keep(elsewhere)


def test_of_two_jobs_each_has_its_own_holder(journal):
    one, two = begin(journal, "one"), begin(journal, "two")
    journal.keep(one)
    journal.keep(two)


def test_a_closed_journal_can_do_nothing(store):
    journal = store.open()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.find_job("job")
    with pytest.raises(JournalError, match="closed"):
        journal.purge("job")


def test_what_reading_back_found_is_kept_with_the_time_and_the_last_one_stays(store, journal):
    begin(journal)
    assert journal.find_job("job").verification is None
    assert journal.find_job("job").verified_at is None
    journal.record_verification("job", "first")
    before = journal.now()
    journal.record_verification("job", '{"found": 2}')
    found = journal.find_job("job")
    assert found.verification == '{"found": 2}'
    assert before <= found.verified_at <= journal.now()
    journal.record_verification("nobody", "x")
    assert [each.id for each in journal.list_jobs()] == ["job"]
    assert store.open().find_job("job") == found


def test_what_was_found_stays_when_the_data_goes(journal):
    begin(journal)
    journal.record_verification("job", "found")
    journal.purge("job")
    assert journal.find_job("job").verification == "found"
