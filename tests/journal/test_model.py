"""Any sequence of calls leaves in a store what a plain memory of them would hold."""

import copy
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.journal.remembered import Job, Refused, Remembered
from tests.journal.scenes import HOLDER, job
from tests.journal.stores import PostgresStore, SQLiteStore

from leadgateway.errors import JobLocked, JournalError
from leadgateway.journal import IntendedRow, Intent, JobState, RowState, Settlement, Staged

NAMES = st.sampled_from(["x", "y"])
IDS = st.lists(st.sampled_from("abcdef"), max_size=4)
DIGESTS = st.sampled_from(["d1", "d2"])
TARGETS = [f"t{n}" for n in range(4)]
TEXTS = st.sampled_from(["", "plain", "日本 '\"%s :x {now}"])
ENDS = st.sampled_from([each for each in RowState if each is not RowState.INTENT])


def _body(rows):
    """Return a body as most are: what the leads are written as, and little around it."""
    written = [f'{row.fields[:-1]},"row":{row.seq}}}' for row in rows]
    return f'{{"leads":[{",".join(written)}]}}'.encode()


class Behaviour(RuleBasedStateMachine):
    """Does the same to a store and to a memory, and compares them after every step."""

    def __init__(self, make_store):
        super().__init__()
        self._place = make_store()
        self.store = self._place.__enter__()
        self.journal = self.store.open()
        self.known = Remembered()
        self.leases = {}
        self.lost = []

    def teardown(self):
        self._place.__exit__(None, None, None)

    def attempt(self, name, change, write):
        """Do a change in memory and in the store: both take it or both refuse it."""
        before = copy.deepcopy((self.known.jobs, self.known.links))
        try:
            change()
        except Refused:
            self.known.jobs, self.known.links = before
            with pytest.raises(JournalError):
                write()
        else:
            write()

    def held(self, data):
        """Choose a job that we hold."""
        return data.draw(st.sampled_from(sorted(self.leases)), label="job")

    def some(self, data, things, label):
        """Choose some of these."""
        return (
            data.draw(st.lists(st.sampled_from(things), unique=True), label=label) if things else []
        )

    # Jobs

    @initialize(data=st.data())
    def begin(self, data):
        """Begin with rows that wait: what there is to go wrong begins with them."""
        self.make("x")
        self.claim("x")
        self.stage(data, "abcdef", "d1", last=False, state=RowState.PENDING)

    @rule(name=NAMES)
    def make(self, name):
        made = self.journal.open_job(job(name))
        self.known.jobs.setdefault(name, Job(made))

    @rule(name=NAMES)
    def claim(self, name):
        if name not in self.known.jobs or name in self.leases:
            kind = JobLocked if name in self.leases else JournalError
            with pytest.raises(kind):
                self.journal.claim(name, HOLDER)
        else:
            self.leases[name] = self.journal.claim(name, HOLDER)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), silent=st.booleans())
    def change_hands(self, data, silent):
        name = self.held(data)
        self.lost.append(self.leases[name])
        if silent:
            self.store.sql(f"UPDATE leadgateway_jobs SET lease_until = 1 WHERE id = '{name}'")  # noqa: S608  # ours
        else:
            self.journal.release(self.leases[name])
        self.leases[name] = self.journal.claim(name, HOLDER)

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def write_late(self, data):
        lease = data.draw(st.sampled_from(self.lost))
        with pytest.raises(JournalError):
            self.journal.stage(lease, [Staged("late", "d", b"{}")], "late", last=True)
        with pytest.raises(JournalError):
            self.journal.mark(lease, JobState.DONE)
        self.journal.release(lease)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), state=st.sampled_from(JobState), until=st.none() | st.just(17.25))
    def mark(self, data, state, until):
        name = self.held(data)
        self.known.mark(name, state, until)
        self.journal.mark(self.leases[name], state, until)

    @rule()
    def reopen(self):
        self.journal.close()
        self.journal = self.store.open()

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), text=TEXTS)
    def reconfigure(self, data, text):
        name = self.held(data)
        self.known.reconfigure(name, text, text)
        self.journal.reconfigure(self.leases[name], text, text)

    # Rows

    @precondition(lambda self: self.leases)
    @rule(
        data=st.data(), ids=IDS, digest=DIGESTS, last=st.booleans(),
        state=st.sampled_from([RowState.PENDING, RowState.FAILED, RowState.SKIPPED]),
    )  # fmt: skip
    def stage(self, data, ids, digest, last, state):
        name, text = self.held(data), data.draw(TEXTS, "text")
        drafted = [None, text.encode()] if state is RowState.PENDING else [None]
        page = [
            Staged(each, digest, f"{text}{each}".encode(), fields, text, state, text, text)
            for each, fields in zip(ids, drafted * len(ids), strict=False)
        ]
        new = self.known.stage(name, page, text or None, last)
        assert self.journal.stage(self.leases[name], page, text or None, last=last) == len(new)
        rows = self.known.jobs[name].rows
        numbers = [row.seq for row in self.journal.rows(name) if row.seq not in rows]
        assert numbers == sorted(numbers)
        assert not rows or not numbers or numbers[0] > max(rows)
        for seq, row in zip(numbers, new, strict=True):
            rows[seq] = replace(row, record=row.record._replace(seq=seq))

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def catch_up(self, data):
        name = self.held(data)
        self.known.catch_up(name)
        self.journal.catch_up(self.leases[name])

    @precondition(lambda self: self.leases)
    @rule(
        data=st.data(), size=st.integers(1, 3), key=st.none() | TEXTS, again=st.booleans(),
        anew=st.booleans(),
    )  # fmt: skip
    def intend(self, data, size, key, again, anew):
        name = self.held(data)
        states = [RowState.PENDING, RowState.INTENT] if again else [RowState.PENDING]
        rows = {row.seq: row for row in self.known.rows(name, states)}
        chosen = sorted(self.some(data, sorted(rows), "rows"))
        intended = [
            IntendedRow(seq, f"f{seq}", "[1]")
            if anew or rows[seq].fields is None
            else IntendedRow(seq, rows[seq].fields, rows[seq].losses, as_staged=True)
            for seq in chosen
        ]
        framed = data.draw(st.booleans(), label="framed")
        parts = [intended[first : first + size] for first in range(0, len(chosen), size)]
        asked = [
            Intent("create_many", key, _body(part) if framed else b"body", tuple(part))
            for part in parts
        ]
        made = self.journal.intend(self.leases[name], asked)
        assert [each._replace(id=0, at=0.0) for each in made] == asked
        self.known.intend(name, made)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), close=st.booleans(), text=TEXTS)
    def settle(self, data, close, text):
        name = self.held(data)
        ends = []
        for seq in self.some(data, sorted(self.known.jobs[name].rows), "rows"):
            state = data.draw(ENDS, label="state")
            target = data.draw(st.none() | st.sampled_from(TARGETS), label="target")
            before = data.draw(st.none() | st.just("old"), label="before")
            losses = data.draw(st.none() | st.just(text or "[]"), label="losses")
            ends.append(Settlement(seq, state, target, text or None, text, text, losses, before))
        requests = sorted(self.known.jobs[name].requests)
        closed = self.some(data, requests, "closed") if close else []
        self.attempt(
            name,
            lambda: self.known.settle(name, ends, closed),
            lambda: self.journal.settle(self.leases[name], ends, closed),
        )

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), whole=st.booleans())
    def answer(self, data, whole):
        name = self.held(data)
        for request in self.known.open_requests(name)[:2]:
            ends = [
                Settlement(row.seq, data.draw(ENDS, label="state"), f"t{row.seq % 4}")
                for row in request.rows[0 if whole else 1 :]
            ]
            self.attempt(
                name,
                lambda e=ends, r=request: self.known.settle(name, e, [r.id]),
                lambda e=ends, r=request: self.journal.settle(self.leases[name], e, [r.id]),
            )

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), whole=st.booleans())
    def requeue(self, data, whole):
        name = self.held(data)
        seqs = self.some(data, sorted(self.known.jobs[name].rows), "rows")
        if whole:
            seqs = [row.seq for each in self.known.open_requests(name)[:1] for row in each.rows]
        self.attempt(
            name,
            lambda: self.known.requeue(name, seqs),
            lambda: self.journal.requeue(self.leases[name], seqs),
        )

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def resend(self, data):
        name = self.held(data)
        for request in self.some(data, sorted(self.known.jobs[name].requests), "requests"):
            self.known.resend(name, request)
            self.journal.resend(self.leases[name], request)

    @rule(name=NAMES)
    def purge(self, name):
        expected = self.known.purge(name) if name in self.known.jobs else 0
        assert self.journal.purge(name) == expected

    # Whatever happened

    @invariant()
    def jobs_are_as_remembered(self):
        assert {each.id for each in self.journal.list_jobs()} == set(self.known.jobs)
        for name, held in self.known.jobs.items():
            found = self.journal.find_job(name)
            ended = found.finished_at is not None
            assert ended == (held.record.finished_at is not None)
            assert found.holder == (HOLDER if name in self.leases else None)
            told = replace(found, finished_at=held.record.finished_at, holder=None)
            assert told == held.record

    @invariant()
    def rows_are_as_remembered(self):
        for name in self.known.jobs:
            assert list(self.journal.rows(name)) == self.known.rows(name)
            some = [RowState.FAILED, RowState.PENDING, RowState.CREATED]
            assert list(self.journal.rows(name, some)) == self.known.rows(name, some)
            assert self.journal.counts(name) == self.known.counts(name)
            assert self.journal.pending(name, 3) == self.known.pending(name, 3)
            ended = [row for row in self.known.rows(name) if row.target_id in {"t1", "t2"}]
            assert self.journal.rows_at(name, [row.seq for row in ended]) == ended
            arrived = [(row.seq, row.target_id) for row in self.known.rows(name) if row.target_id]
            assert list(self.journal.arrivals(name)) == arrived
            told = self.journal.known(name, list("abcdef"))
            assert {each: known for each, known in told.items() if any(known)} == {
                each: known for each in "abcdef" if any(known := self.known.known(name, each))
            }

    @invariant()
    def requests_and_links_are_as_remembered(self):
        for name in self.known.jobs:
            expected = self.known.open_requests(name)
            assert self.journal.open_intents(name, 99) == expected
            first = self.journal.open_intents(name, 1)
            assert first == expected[:1]
            after = first[0].id if first else 0
            assert self.journal.open_intents(name, 99, after) == expected[1:]
            assert self.journal.linked(name, TARGETS) == self.known.linked(name, TARGETS)
            assert self.journal.shared(name) == self.known.shared(name)
            assert self.journal.superseded(name) == self.known.superseded(name)


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_file_remembers_what_it_was_told():
    @contextmanager
    def place():
        with tempfile.TemporaryDirectory(prefix="lgm-") as folder:
            store = SQLiteStore(Path(folder) / "journal.db")
            try:
                yield store
            finally:
                store.close()

    run_state_machine_as_test(lambda: Behaviour(place), settings=SETTINGS)


def test_a_database_remembers_what_it_was_told(postgres):
    @contextmanager
    def place():
        name = postgres.make_place()
        store = PostgresStore(postgres.place_url(name))
        try:
            yield store
        finally:
            store.close()
            postgres.drop_place(name)

    run_state_machine_as_test(lambda: Behaviour(place), settings=SETTINGS)
