"""What a list leaves out is fetched by id, or named as not read."""

import asyncio

import pytest

from leadgateway.aio import AsyncGateway
from leadgateway.journal.sqlite import open_sqlite
from leadgateway.mapping import LENIENT
from leadgateway.simulator.serve import in_thread
from leadgateway.transfer import JobOptions, plan, run_job
from leadgateway.transfer.encode import unstaged
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

OMITTED = "qualification.reasoning"


@pytest.fixture
def sites():
    with (
        in_thread(V1LeadsSimulator(leads=30, seed=7, rate_limits=False)) as source,
        in_thread(MegaSimulator(rate_limits=False)) as target,
    ):
        yield source.settings, target.settings


def moved(sites, tmp_path, *, read_whole):
    """Plan the move and make it; returns the plan and the leads as the journal holds them."""

    async def main():
        gateway = AsyncGateway(environ={})
        ours, theirs = ({**settings, "rate_limits": False} for settings in sites)
        async with (
            gateway.connect("old", **ours, read_whole=read_whole) as source,
            gateway.connect("new", **theirs) as target,
        ):
            found = await plan(source, target)
            journal = open_sqlite(tmp_path / "journal.db")
            await run_job(source, target, journal, "job", JobOptions(policy=LENIENT))
            leads = [unstaged(row.payload) for row in journal.rows("job")]
            journal.close()
            return found, leads

    return asyncio.run(main())


def reasonings(leads):
    known = [lead.qualification for lead in leads if lead.qualification is not None]
    return [each.reasoning for each in known if each.reasoning]


def test_what_the_list_leaves_out_travels_or_is_a_loss(sites, tmp_path):
    found, leads = moved(sites, tmp_path, read_whole=True)
    assert len(leads) == 30
    told = reasonings(leads)
    assert told
    assert found.losses.counts[OMITTED, "dropped", "no_such_field"] == len(told)
    assert found.unread == ()
    assert found.loads[0].requests == 31


def test_without_it_the_plan_names_what_nobody_reads(sites, tmp_path):
    found, leads = moved(sites, tmp_path, read_whole=False)
    assert reasonings(leads) == []
    assert OMITTED in found.unread
    assert found.loads[0].requests == 1
