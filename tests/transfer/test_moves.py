"""The public calls for whole moves: awaited, or blocking for programs without an event loop."""

import asyncio
import inspect

import pytest

from leadgateway import transfer
from leadgateway.errors import ConfigError, FidelityError, JobLocked
from leadgateway.gateway import Gateway
from leadgateway.journal import Holder, JobState, RowState
from leadgateway.mapping import Policy
from leadgateway.transfer import blocking, book
from leadgateway.transfer.migrate import refuse_what_nobody_accepted

ASYNC_ONLY = {"Halt", "Halted", "JobOptions", "run_job"}
V1 = "/api/v1/leads"


@pytest.fixture
def journal(tmp_path):
    made = transfer.open_journal(tmp_path / "journal.db")
    yield made
    made.close()


@pytest.fixture
def pair(sites):
    return sites.start("apollo_space", leads=20), sites.start("v1_leads")


def opened(*sites):
    """Blocking connections to `sites`."""
    gateway = Gateway(environ={})
    return [
        gateway.connect(f"{site.vendor}-{number}", settle_seconds=0, **site.running.settings)
        for number, site in enumerate(sites)
    ]


def test_a_loss_nobody_accepted_is_refused_before_anything_is_written(sites, pair, journal):
    async def main():
        async with sites.connected(*pair) as (ours, theirs):
            with pytest.raises(FidelityError) as caught:
                await transfer.migrate(ours, theirs, journal, accept=["owner"])
            assert journal.list_jobs() == []
            refused = {loss.path for loss in caught.value.losses}
            accept = [*refused, "owner"]
            return refused, await transfer.migrate(ours, theirs, journal, accept=accept)

    refused, certificate = asyncio.run(main())
    assert "owner" not in refused
    assert "tags" in refused
    assert certificate.outcomes[RowState.CREATED] == len(pair[1].dump()) == 20
    assert certificate.verification.holds
    assert certificate.complete


def test_the_refusal_says_how_many_leads_each_loss_befalls(sites, pair):
    async def main():
        async with sites.connected(*pair) as (ours, theirs):
            return await transfer.plan(ours, theirs)

    found = asyncio.run(main())
    with pytest.raises(FidelityError) as caught:
        refuse_what_nobody_accepted(found, Policy(("tags",)))
    said = {(loss.path, loss.detail) for loss in caught.value.losses}
    assert ("created_at", "20 leads") in said
    assert not any(path == "tags" for path, _ in said)
    refuse_what_nobody_accepted(found, Policy(found.to_accept()))


def test_a_job_that_has_begun_is_not_planned_again(sites, pair, journal):
    source, target = pair

    async def main(**options):
        async with sites.connected(source, target) as (ours, theirs):
            return await transfer.migrate(ours, theirs, journal, **options)

    part = asyncio.run(main(lenient=True, limit=5, prove=False, job="moves", allow_merge=True))
    assert (part.leads, part.verification, part.complete) == (5, None, False)
    told = []
    whole = asyncio.run(
        main(lenient=True, job="moves", concurrency=2, allow_merge=True, progress=told.append)
    )
    assert (whole.leads, told[-1]) == (20, 20)
    assert whole.job.state is JobState.DONE
    asyncio.run(main(job="moves", accept=["tags"], new_config=True))
    assert len(target.dump()) == 20


def test_what_stops_a_job_is_raised(sites, pair, journal):
    async def main():
        async with sites.connected(*pair) as (ours, theirs):
            await transfer.migrate(ours, theirs, journal, lenient=True, limit=1, job="moves")
            journal.claim("moves", Holder(1, book._here()))
            with pytest.raises(JobLocked):
                await transfer.migrate(ours, theirs, journal, lenient=True, job="moves")

    asyncio.run(main())


def test_a_whole_life_of_a_job_without_an_event_loop(pair, journal):
    source, target = opened(*pair)
    with source, target:
        looked_at = []
        found = blocking.plan(source, target, progress=looked_at.append)
        assert looked_at[-1] == found.extent.looked_at == 20
        assert blocking.plan(source, target, sample=3).extent.looked_at == 3
        with pytest.raises(FidelityError):
            blocking.migrate(source, target, journal, job="moves")
        done = blocking.migrate(source, target, journal, job="moves", accept=found.to_accept())
        assert (done.leads, done.outcomes[RowState.CREATED]) == (20, 20)
        assert blocking.verify(target, journal, "moves").holds
        looked = blocking.undo(target, journal, "moves", look_only=True)
        assert (looked.looked_only, len(looked.left)) == (True, 20)
        assert not blocking.undo(target, journal, "moves").complete
        assert blocking.report(journal, "moves").digest == done.digest
        # The connections themselves are as usable as before.
        assert len(list(target.list_leads())) == 20


def test_failed_leads_are_tried_again_without_an_event_loop(pair, journal):
    pair[1].break_(method="POST", path=V1, status=400, body="{}", times=2)
    source, target = opened(*pair)
    with source, target:
        first = blocking.migrate(source, target, journal, job="moves", lenient=True)
        assert first.outcomes[RowState.FAILED] == 2
        assert blocking.retry(journal, "moves") == 2
        then = blocking.migrate(source, target, journal, job="moves", lenient=True)
    assert then.outcomes[RowState.CREATED] == len(pair[1].dump()) == 20
    assert list(blocking.unknown_rows(journal, "moves")) == []


def test_blocking_an_event_loop_is_refused(pair, journal):
    source, target = opened(*pair)

    async def main():
        with pytest.raises(ConfigError, match="event loop"):
            blocking.plan(source, target)

    with source, target:
        asyncio.run(main())


def test_both_faces_have_the_same_names():
    assert set(blocking.__all__) == set(transfer.__all__) - ASYNC_ONLY
    for name in blocking.__all__:
        assert hasattr(blocking, name)


@pytest.mark.parametrize("name", ["plan", "migrate", "verify", "undo", "report", "retry"])
def test_both_faces_take_the_same(name):
    def taken(call):
        parameters = inspect.signature(call).parameters.values()
        return [(each.name, each.kind, each.default) for each in parameters]

    assert taken(getattr(blocking, name)) == taken(getattr(transfer, name))
    assert not asyncio.iscoroutinefunction(getattr(blocking, name))
