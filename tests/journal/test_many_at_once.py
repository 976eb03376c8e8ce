"""Several processes, sessions or threads at once: each gets its turn, and one gets the job."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.journal.scenes import HOLDER, job
from tests.journal.stores import SQLiteStore

from leadgateway.errors import JobLocked
from leadgateway.journal import RowState

PROGRAM = Path(__file__).with_name("works_beside_others.py")
WORKERS = 4
PAGES = 25


def at_once(work, count=WORKERS):
    """Run `work` in threads that begin together; return what each returned or raised."""
    start = threading.Barrier(count)
    ends = []

    def run(number):
        start.wait()
        try:
            ends.append(work(number))
        except Exception as error:  # noqa: BLE001  # the test looks at every end
            ends.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_processes_that_make_and_use_a_journal_together_all_get_their_turn(store):
    where = str(store.path) if isinstance(store, SQLiteStore) else store.url
    running = [
        subprocess.Popen(
            [sys.executable, PROGRAM, where, f"job-{n}", str(PAGES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(WORKERS)
    ]  # fmt: skip
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    journal = store.open()
    assert {each.id for each in journal.list_jobs()} == {f"job-{n}" for n in range(WORKERS)}
    for n in range(WORKERS):
        assert journal.counts(f"job-{n}") == {RowState.CREATED: 5 * PAGES}
        assert journal.open_intents(f"job-{n}", 9) == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_journal_that_is_made_by_many_is_made_once(store, attempt):
    ends = at_once(lambda _: store.open().list_jobs(), 6)
    assert ends == [[]] * 6


def test_of_many_who_want_a_job_one_gets_it(store):
    journals = [store.open() for _ in range(6)]
    journals[0].open_job(job())
    ends = at_once(lambda n: journals[n].claim("job", HOLDER), 6)
    assert sorted(type(end).__name__ for end in ends) == ["JobLocked"] * 5 + ["Lease"]
    assert all(end.pid == HOLDER.pid for end in ends if isinstance(end, JobLocked))


def test_of_many_who_want_to_be_alone_with_two_connections_one_is(store):
    journals = [store.open() for _ in range(6)]
    for n, journal in enumerate(journals):
        journal.open_job(job(f"job-{n}"))
    ends = at_once(lambda n: journals[n].claim(f"job-{n}", HOLDER, alone=True), 6)
    assert sorted(type(end).__name__ for end in ends) == ["JobLocked"] * 5 + ["Lease"]
    [lease] = [end for end in ends if not isinstance(end, Exception)]
    assert {end.job for end in ends if isinstance(end, JobLocked)} == {lease.job}


def test_of_many_who_want_a_dead_holders_job_one_gets_it(store):
    journals = [store.open() for _ in range(6)]
    journals[0].open_job(job())
    first = journals[0].claim("job", HOLDER)
    store.set_clock("lease_until", -1)
    ends = at_once(lambda n: journals[n].claim("job", HOLDER), 6)
    [taken] = [end for end in ends if not isinstance(end, Exception)]
    assert taken.fence == first.fence + 1


def test_a_write_that_reads_first_sees_what_was_written_before_it(sqlite_store):
    first, second = sqlite_store.database(), sqlite_store.database()
    sqlite_store.over(first)
    sqlite_store.over(second)
    has_begun, has_read = threading.Event(), threading.Event()
    count = "SELECT COUNT(*) FROM leadgateway_links"
    add = (
        "INSERT INTO leadgateway_links (source, target, source_id)"
        " VALUES ('old', 'new', hex(randomblob(8)))"
    )

    def slowly():
        first.run(count, {})
        has_begun.set()
        has_read.wait(0.3)  # as long as the other one would need if it did not wait for us
        first.run(add, {})

    def meanwhile():
        has_begun.wait()

        def work():
            seen = second.run(count, {})
            has_read.set()
            second.run(add, {})
            return seen

        return second.write(work)

    ends = at_once(lambda n: first.write(slowly) if n else meanwhile(), 2)
    assert sorted(map(repr, ends)) == ["None", "[(1,)]"]


def test_threads_share_a_journal(store):
    journal = store.open()
    journal.open_job(job())
    lease = journal.claim("job", HOLDER)
    assert at_once(lambda _: [journal.keep(lease) for _ in range(20)]) == [[None] * 20] * WORKERS
