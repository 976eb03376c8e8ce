"""Moving leads between real simulators: nothing unaccepted, nothing uncounted."""

import asyncio
from collections import Counter

import pytest

from leadgateway.adapter import Outcome
from leadgateway.errors import (
    AuthError,
    ConfigError,
    FidelityError,
    LeadGatewayError,
    Unavailable,
)
from leadgateway.hookspecs import hookimpl
from leadgateway.mapping import LENIENT, Policy
from leadgateway.plugins import Plugins
from leadgateway.transfer import migrate, scan

CREATED, MERGED, SKIPPED, FAILED, UNKNOWN = (
    Outcome.CREATED,
    Outcome.MERGED,
    Outcome.SKIPPED,
    Outcome.FAILED,
    Outcome.UNKNOWN,
)
LEADS = "/api/v1/leads"


def moved(sites, source, target, *, plugins=None, terms=None, **options):
    """Migrate from one site to another and return the report."""

    async def main():
        async with sites.connected(source, target, plugins=plugins, **(terms or {})) as (a, b):
            return await migrate(a, b, **options)

    return asyncio.run(main())


def test_nothing_is_written_while_a_loss_is_not_accepted(sites):
    source, target = sites.start("apollo_space", leads=30), sites.start("v1_leads")
    with pytest.raises(FidelityError) as refused:
        moved(sites, source, target, policy=Policy(("phones", "stage", "created_at")))
    assert {loss.path for loss in refused.value.losses} == {"owner", "tags", "updated_at", "value"}
    assert all(loss.detail.endswith(" leads") for loss in refused.value.losses)
    assert target.asked() == 0


def test_accepted_by_name_every_lead_arrives_and_is_counted(sites):
    source, target = sites.start("apollo_space", leads=230), sites.start("v1_leads")
    rows = []

    async def main():
        async with sites.connected(source, target) as (ours, theirs):
            found = await scan(ours, theirs)
            return await migrate(
                ours,
                theirs,
                policy=Policy(found.lossy_paths()),
                on_row=lambda lead, row: rows.append((lead, row)),
            )

    report = asyncio.run(main())
    assert report.counts == Counter({CREATED: 230})
    assert (report.read, report.adds_up, report.exit_code) == (230, True, 0)
    assert (report.problems, report.stopped_by) == ([], None)
    stored = target.dump()
    assert {row.target_id for _, row in rows} == {row["id"] for row in stored}
    assert {row.source_id for _, row in rows} == {row["id"] for row in source.dump()}
    assert all(lead.ref.id == row.source_id and row.reason == "" for lead, row in rows)
    assert report.losses.counts == report.scan.losses.counts


def test_lenient_reads_the_source_once_and_still_counts_every_loss(sites):
    source, target = sites.start("apollo_space", leads=20), sites.start("v1_leads")
    report = moved(sites, source, target, policy=LENIENT)
    assert report.counts[CREATED] == 20
    assert source.asked("GET") == 1
    assert report.scan is None
    assert {path for path, _, _ in report.losses.counts} >= {"tags", "owner", "value"}


def test_what_an_earlier_scan_found_is_not_looked_for_again(sites):
    source, target = sites.start("apollo_space", leads=20), sites.start("v1_leads")

    async def main():
        async with sites.connected(source, target) as (ours, theirs):
            found = await scan(ours, theirs, limit=5)
            policy = Policy(found.lossy_paths())
            return await migrate(ours, theirs, policy=policy, limit=5, found=found)

    report = asyncio.run(main())
    assert (report.read, report.counts[CREATED], len(target.dump())) == (5, 5, 5)
    assert source.asked("GET") == 2


def test_a_dry_run_tells_and_writes_nothing(sites):
    source, target = sites.start("apollo_space", leads=20), sites.start("v1_leads")
    report = moved(sites, source, target, dry_run=True, limit=9)
    assert (report.read, report.dry_run, report.adds_up, report.exit_code) == (9, True, True, 0)
    assert {path for path, _, _ in report.losses.counts} >= {"owner", "tags"}
    assert report.counts == Counter()
    assert target.asked() == 0


def test_settings_that_cannot_write_are_refused_before_anything_is_read(sites):
    source, target = sites.start("v1_leads", leads=3), sites.start("novala")
    terms = {"token": target.running.settings["token"].replace("sk_", "pk_")}
    with pytest.raises(ConfigError):
        moved(sites, source, target, terms=terms, policy=LENIENT)
    assert source.asked() == target.asked() == 0


def test_a_second_run_into_a_vendor_that_merges_merges_and_adds_up(sites):
    source, target = sites.start("v1_leads", leads=60), sites.start("mega", leads=10)
    first = moved(sites, source, target, policy=LENIENT)
    again = moved(sites, source, target, policy=LENIENT)
    assert first.counts[CREATED] + first.counts[MERGED] == 60
    assert again.counts == Counter({MERGED: 60})
    assert first.adds_up
    assert again.adds_up
    assert len(target.dump()) == 10 + first.counts[CREATED]


def test_a_lead_that_the_target_cannot_hold_fails_with_its_reason(sites):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load(*({"email": f"n{n}@example.com"} for n in range(5)), {"name": "Ana"})
    report = moved(sites, source, target, policy=LENIENT)
    assert report.counts == Counter({FAILED: 5, CREATED: 1})
    assert report.adds_up
    assert report.exit_code == 3
    ((reason, leads, samples),) = report.reasons(FAILED).rows()
    assert "contact_name" in reason
    assert (leads, len(samples)) == (5, 3)
    assert report.reasons(UNKNOWN).rows() == []


def test_refusals_that_differ_by_their_request_id_only_are_one_reason(sites):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load(*({"name": f"N {n}"} for n in range(4)))
    body = '{"error": {"code": "odd", "message": "no", "request_id": "req_%d"}}'
    for number in (1, 2):
        target.break_(method="POST", status=400, body=body % number)
    report = moved(sites, source, target, policy=LENIENT)
    assert report.counts == Counter({FAILED: 2, CREATED: 2})
    assert [(leads, "req_" in reason) for reason, leads, _ in report.reasons(FAILED).rows()] == [
        (2, False)
    ]


def test_a_write_whose_answer_is_lost_is_unknown_and_not_sent_twice(sites):
    source, target = sites.start("apollo_space", leads=12), sites.start("v1_leads")
    target.break_(method="POST", path=LEADS, after=True, raw="", skip=3)
    report = moved(sites, source, target, policy=LENIENT)
    assert report.counts == Counter({CREATED: 11, UNKNOWN: 1})
    assert (report.adds_up, report.exit_code) == (True, 4)
    assert target.asked("POST") == 12
    assert len(target.dump()) == 12
    assert report.problems[0].target_id is None


def test_what_concerns_every_lead_stops_the_work_and_says_so(sites):
    source, target = sites.start("apollo_space", leads=450), sites.start("v1_leads")
    target.break_(method="POST", path=LEADS, status=403, body="{}", skip=20, times=None)
    report = moved(sites, source, target, policy=LENIENT, concurrency=1)
    assert isinstance(report.stopped_by, AuthError)
    assert report.exit_code == 2
    assert report.counts == Counter({CREATED: 20, FAILED: 180})
    assert report.adds_up
    assert target.asked("POST") == 21


def test_a_target_that_is_gone_stops_the_work(sites):
    source, target = sites.start("apollo_space", leads=250), sites.start("v1_leads")
    terms = {"base_url": "http://127.0.0.1:9/api/v1"}
    report = moved(sites, source, target, policy=LENIENT, terms=terms)
    assert isinstance(report.stopped_by, Unavailable)
    assert report.exit_code == 75
    assert report.counts == Counter({FAILED: 200})
    assert report.adds_up


def test_a_source_that_breaks_on_the_way_costs_nothing_that_was_read(sites):
    source, target = sites.start("apollo_space", leads=450), sites.start("v1_leads")
    source.break_(method="GET", status=403, body="{}", skip=1, times=None)
    report = moved(sites, source, target, policy=LENIENT)
    assert isinstance(report.stopped_by, AuthError)
    assert report.counts == Counter({CREATED: 200})
    assert len(target.dump()) == 200


def test_a_batching_vendor_gets_whole_batches(sites):
    source, target = sites.start("v1_leads", leads=620), sites.start("mega")
    report = moved(sites, source, target, policy=LENIENT)
    assert report.adds_up
    assert report.read == 620
    assert target.asked("POST") == 2


class Listener:
    """A plugin that leaves out some leads and hears of the job."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def leadgateway_skip(self, lead, job):
        return f"not for {job.target}" if lead.name and lead.name.full == "Bo" else None

    @hookimpl
    def leadgateway_job_started(self, event):
        self.heard.append(event)

    @hookimpl
    def leadgateway_lead_settled(self, event):
        self.heard.append(event.outcome)

    @hookimpl
    def leadgateway_job_finished(self, event):
        self.heard.append(event.counts)


def test_plugins_may_leave_leads_out_and_hear_how_it_went(sites):
    source, target = sites.start("v1_leads"), sites.start("novala")
    source.load({"name": "Ana Souza", "source": "referral"}, {"name": "Bo", "email": "b@c.example"})
    plugins, listener = Plugins.installed(), Listener()
    plugins.register(listener, "listener")
    rows = []
    terms = {"fallback_source": "import"}
    report = moved(
        sites, source, target, plugins=plugins, terms=terms, policy=LENIENT,
        on_row=lambda _, row: rows.append(row),
    )  # fmt: skip
    assert report.counts == Counter({SKIPPED: 1, CREATED: 1})
    assert report.adds_up
    assert report.exit_code == 0
    assert [row.reason for row in rows if row.outcome is SKIPPED] == ["not for novala-1"]
    started, *settled, counts = listener.heard
    assert (started.source, started.target) == ("v1_leads-0", "novala-1")
    assert settled == [CREATED]
    assert counts == {"skipped": 1, "created": 1}


def test_a_bug_in_the_caller_is_not_swallowed(sites):
    source, target = sites.start("apollo_space", leads=5), sites.start("v1_leads")

    def broken(_lead, _row):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        moved(sites, source, target, policy=LENIENT, on_row=broken)


def test_a_source_that_is_refused_at_once_writes_nothing(sites):
    source, target = sites.start("apollo_space", leads=5), sites.start("v1_leads")
    source.break_(method="GET", status=401, body="{}", times=None)
    with pytest.raises(LeadGatewayError):
        moved(sites, source, target)
    assert target.asked() == 0
