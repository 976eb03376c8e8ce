"""A job driven through faults, deaths, resumes and edits as they come: nothing lost or doubled."""

import asyncio
import os
import tempfile
from collections import Counter
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
from tests.crash.mortal import FAULTS, Clock, Killed, Life, MortalDatabase, Wire
from tests.transfer.engine.world import ROWS, WRITING, email

from leadgateway.aio import AsyncGateway
from leadgateway.errors import LeadGatewayError
from leadgateway.journal import JobState, RowState
from leadgateway.journal.store import SQLJournal
from leadgateway.mapping import LENIENT
from leadgateway.plugins import Plugins
from leadgateway.transfer.operate import retry
from leadgateway.transfer.run import JobOptions, run_job

EXAMPLES = int(os.environ.get("LEADGATEWAY_CRASH_EXAMPLES", "20"))
PAGE_SIZE = BATCH_SIZE = 3
ARRIVED = {RowState.CREATED, RowState.MERGED, RowState.UPDATED}
FINISHED = {JobState.DONE, JobState.DONE_WITH_FAILURES, JobState.NEEDS_OPERATOR}
ROUTES = {
    "mega": "novala",
    "apollo_space": "mega",
    "novala": "mega",
    "v1_leads": "mega",
}
PLUGINS = Plugins.installed({})
TROUBLE = st.lists(st.sampled_from(["", *FAULTS]), max_size=6) | st.builds(
    lambda fault, times: [fault] * times, st.sampled_from(FAULTS), st.integers(1, 12)
)


class Migration(RuleBasedStateMachine):
    """One source, one target, one journal, and a process that is started again and again."""

    target_vendor = ""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.vendor = ROUTES[self.target_vendor]
        kinds = PLUGINS.simulators()
        self.source, self.target = (
            kinds[vendor](rate_limits=False, clock=self.clock.now)
            for vendor in (self.vendor, self.target_vendor)
        )
        self.wires = [
            Wire(simulator, self.clock, Life(), PAGE_SIZE)
            for simulator in (self.source, self.target)
        ]
        self.folder = tempfile.TemporaryDirectory()
        self.job = 1
        self.made = 0
        self.meddled = False
        self.dues = {}
        self.states = {1: JobState.RUNNING}
        self.adapter = PLUGINS.adapter(self.target_vendor)
        self.declared = self.adapter.capabilities
        if self.declared.batch_size is not None:
            self.adapter.capabilities = replace(self.declared, batch_size=BATCH_SIZE)

    @property
    def merges(self) -> bool:
        return self.declared.create_merges

    @property
    def state(self) -> JobState:
        """How the job stands that is being worked on."""
        return self.states[self.job]

    @state.setter
    def state(self, state: JobState) -> None:
        self.states[self.job] = state

    @initialize(count=st.integers(1, 7))
    def begin(self, count):
        self.add(count)
        self.dues[self.job] = self.source_ids()

    @rule(count=st.integers(1, 4))
    def add(self, count):
        """Somebody enters new leads at the source."""
        self.clock.elapsed += 1
        self.source.load([ROWS[self.vendor](self.made + n) for n in range(count)])
        self.made += count

    @rule(number=st.integers(0, 40))
    def add_a_twin(self, number):
        """Somebody enters a lead a second time, word for word."""
        self.source.load([ROWS[self.vendor](number % self.made)])

    @rule(number=st.integers(0, 40))
    def edit_the_source(self, number):
        """Somebody changes a lead at the source, whether it has been read or not."""
        rows = list(self.source.tenant.leads)
        row = rows[number % len(rows)]
        name = "contact_name" if "contact_name" in row else "lastName"
        self.source.tenant.leads.put({**row, name: f"{row[name]} {len(row[name])}"})

    @precondition(lambda self: len(self.target.tenant.leads))
    @rule(number=st.integers(0, 40))
    def edit_the_target(self, number):
        """Somebody changes a lead at the target, whether we know that it is there or not."""
        self.meddled = True
        rows = list(self.target.tenant.leads)
        row = rows[number % len(rows)]
        name = next(key for key in ("contact_name", "lastName", "name") if key in row)
        self.target.tenant.leads.put({**row, name: f"{row[name]} changed"})

    @rule(reading=TROUBLE, asking=TROUBLE, writing=TROUBLE)
    def trouble_ahead(self, reading, asking, writing):
        """Coming requests will not all go well: reads of the source, of the target, and writes."""
        self.wires[0].read_faults[:] = reading
        self.wires[1].read_faults[:] = ["", *asking]  # the first one only asks who we are
        self.wires[1].write_faults[:] = writing

    @rule(moments=st.integers(0, 90))
    def run_and_die(self, moments):
        self.run(Life(moments))

    @rule(writes=st.integers(1, 4))
    def run_and_die_of_a_write(self, writes):
        """The worst moment: the vendor has the lead, and nobody here knows."""
        self.run(Life(writes=writes))

    @rule(writes=st.integers(1, 4), asking=TROUBLE, writing=TROUBLE)
    def die_of_a_write_and_come_back_to_trouble(self, writes, asking, writing):
        self.run(Life(writes=writes))
        self.trouble_ahead([], asking, writing)
        self.run(Life())

    @rule()
    def run_to_an_end(self):
        self.run(Life())

    @rule()
    def begin_another_job(self):
        """Another run of the same two connections, whether the others have ended or not."""
        self.job = max(self.states) + 1
        self.state = JobState.RUNNING
        self.dues[self.job] = self.source_ids()

    @precondition(lambda self: len(self.states) > 1)
    @rule(number=st.integers(0, 9))
    def turn_to_another_job(self, number):
        """Go on with a job that was begun before, or was done already."""
        self.job = 1 + number % len(self.states)

    @precondition(lambda self: self.state is JobState.DONE_WITH_FAILURES)
    @rule()
    def try_failed_rows_again(self):
        journal = self.journal(Life())
        retry(journal, f"job {self.job}")
        journal._database.bury()
        self.state = JobState.PAUSED

    def source_ids(self):
        return {row["id"] for row in self.source.tenant.leads}

    def journal(self, life):
        database = MortalDatabase(Path(self.folder.name) / "journal.db", life)
        return SQLJournal(database, lease_seconds=-1)  # the dead hold nothing in here

    def run(self, life):
        """Run the job until that life ends, or until it ends by itself."""
        for wire in self.wires:
            wire.life = life
        journal = self.journal(life)
        try:
            self.state = asyncio.run(self.arun(journal)).state
        except (Killed, LeadGatewayError) as end:
            self.state = JobState.RUNNING if isinstance(end, Killed) else JobState.PAUSED
        finally:
            journal._database.bury()
        self.clock.elapsed += 5
        if self.state in FINISHED:
            rows = self.rows(f"job {self.job}")
            assert self.dues[self.job] <= {row.source_id for row in rows}, "a lead was passed over"

    async def arun(self, journal):
        gateway = AsyncGateway(
            plugins=PLUGINS, environ={}, clock=self.clock, sleep=self.clock.sleep,
            chance=lambda: 0.5,
        )  # fmt: skip
        ends = []
        for name, simulator, wire in zip(
            ("from", "to"), (self.source, self.target), self.wires, strict=True
        ):
            base = f"http://127.0.0.1:9{simulator.base_path}"
            given = {**simulator.settings, **WRITING.get(simulator.vendor, {}), "base_url": base}
            ends.append(gateway.connect(name, driver=wire, rate_limits=False, **given))
        options = JobOptions(policy=LENIENT, concurrency=2, sleep=self.clock.sleep)
        return await run_job(*ends, journal, f"job {self.job}", options)

    def rows(self, *jobs):
        journal = self.journal(Life())
        jobs = jobs or [job.id for job in journal.list_jobs()]
        rows = [row for job in jobs for row in journal.rows(job)]
        counts = sum((journal.counts(job) for job in jobs), Counter())
        journal._database.bury()
        assert counts == Counter(row.state for row in rows)
        return rows

    def address(self, source_id):
        row = self.source.tenant.leads.get(source_id)
        return row.get("email") or row["contact_email"]

    def arrived(self):
        keys = ("email", "contact_email")
        rows = self.target.tenant.leads
        return Counter(next(row[key] for key in keys if key in row) for row in rows)

    @invariant()
    def no_lead_is_there_more_often_than_at_its_source(self):
        at_source = Counter(self.address(row["id"]) for row in self.source.tenant.leads)
        for address, count in self.arrived().items():
            assert count <= (1 if self.merges else at_source[address]), address

    @invariant()
    def what_is_said_to_have_arrived_has_arrived(self):
        arrived = [row for row in self.rows() if row.state in ARRIVED]
        ids = {row["id"] for row in self.target.tenant.leads}
        assert {row.target_id for row in arrived} <= ids
        created = [row.target_id for row in arrived if row.state is RowState.CREATED]
        assert len(set(created)) == len(created)

    def teardown(self):
        try:
            self.come_to_an_end()
        finally:
            self.adapter.capabilities = self.declared
            self.folder.cleanup()

    def is_for_an_operator(self, reason):
        """Whether no further run could settle a row; two jobs may both be in doubt about twins."""
        contested = len(self.states) > 1 and "leads fit it" in reason
        return contested or "although it left 5 times" in reason

    def come_to_an_end(self):
        """With no more trouble, everything that was read is accounted for."""
        for wire in self.wires:
            wire.read_faults.clear()
            wire.write_faults.clear()
        for job in self.states:
            self.job = job
            for _ in range(3):
                if self.state in FINISHED:
                    break
                self.run(Life())
            assert self.state in FINISHED
        rows = self.rows()
        open_states = {RowState.PENDING, RowState.INTENT}
        assert not [row for row in rows if row.state in open_states]
        unknown = {row.reason for row in rows if row.state is RowState.UNKNOWN}
        assert self.meddled or all(map(self.is_for_an_operator, unknown))
        moved, doubtful = Counter(), Counter()
        linked = {row.source_id for row in rows if row.state in ARRIVED}
        for source_id in linked:
            moved[self.address(source_id)] += 1
        for row in rows:
            if row.state is RowState.UNKNOWN and row.source_id not in linked:
                doubtful[self.address(row.source_id)] += 1
        there = self.arrived()
        for number in range(self.made):
            address = email(number)
            least = min(moved[address], 1) if self.merges else moved[address]
            most = max(least, 1) if self.merges else least + doubtful[address]
            assert least <= there[address] <= most, (address, moved, doubtful, there)


@pytest.mark.parametrize("target", ROUTES)
def test_whatever_happens_to_a_job_nothing_is_lost_and_nothing_doubled(target):
    machine = type(f"To{target.title()}", (Migration,), {"target_vendor": target})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            derandomize="LEADGATEWAY_CRASH_EXAMPLES" not in os.environ,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
