"""Leads between files and vendors through the journal: planned, moved, verified, and killed."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest
from tests.gateway.faces import SIMULATORS, serve

from leadgateway import Lead
from leadgateway.aio import AsyncGateway
from leadgateway.capabilities import Operation
from leadgateway.errors import FidelityError, Unsupported
from leadgateway.gateway import Gateway
from leadgateway.journal import JobState, RowState
from leadgateway.mapping import LENIENT
from leadgateway.mapping.leaves import agree, take_apart
from leadgateway.transfer import JobOptions, open_journal, plan, run_job, verify
from leadgateway.transfer.encode import losses_of
from leadgateway.values import ExternalRef


@pytest.fixture
def site(folder):
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda vendor, **options: serve(stack, SIMULATORS[vendor], **options)


def move(source, target, job="job", options=None):
    """Run the job, leniently by default, and verify it; each end is a name and its settings."""
    options = options or JobOptions(policy=LENIENT)

    async def main():
        gateway = AsyncGateway(environ={})
        with closing(open_journal("journal.db")) as journal:
            async with (
                gateway.connect(source[0], **source[1]) as origin,
                gateway.connect(target[0], **target[1]) as goal,
            ):
                record = await run_job(origin, goal, journal, job, options)
                verified = await verify(goal, journal, job)
            return record, verified, {str(k): v for k, v in journal.counts(job).items() if v}

    return asyncio.run(main())


def leaves(lead, without=()):
    return {path: value for path, value in take_apart(lead).items() if path not in without}


def listed(name, **settings):
    with Gateway(environ={}).connect(name, **settings) as connection:
        return list(connection.list_leads())


def whole(name, **settings):
    """Return every lead as the vendor shows it most fully."""
    with Gateway(environ={}).connect(name, **settings) as connection:
        leads = list(connection.list_leads())
        if Operation.GET in connection.capabilities.operations:
            leads = [connection.get_lead(lead.ref.id) for lead in leads]
    return {lead.ref.id: lead for lead in leads}


COLUMNS = {"region": "BR", "columns": {"Remarks": "custom.newsletter"}}


def sheet(rows: int) -> str:
    lines = "".join(
        f'"Ana {n}";ana{n}@example.com;(11) 9{n:04d}-{n:04d};Google Ads;"a\nb {n}"\n'
        for n in range(rows)
    )
    return f"Full name;E-mail;Mobile;Source;Remarks\n{lines}"


def test_a_table_of_text_moves_to_a_vendor_as_planned(folder, site):
    (folder / "leads.csv").write_text(sheet(730))
    mega = site("mega")
    source, target = ("leads.csv", COLUMNS), ("mega", mega.settings)

    async def planned():
        gateway = AsyncGateway(environ={})
        async with (
            gateway.connect("leads.csv", **COLUMNS) as origin,
            gateway.connect("mega", **mega.settings) as goal,
        ):
            return await plan(origin, goal)

    expected = asyncio.run(planned())
    assert (expected.extent.looked_at, expected.to_accept()) == (730, ())
    record, verified, counts = move(source, target, options=JobOptions())
    assert (record.state, counts) == (JobState.DONE, {"created": 730})
    assert verified.holds
    assert verified.found == len(mega.rows) == 730
    by_email = {row["contact_email"]: row for row in mega.rows}
    row = by_email["ana7@example.com"]
    assert (row["contact_name"], row["source_platform"]) == ("Ana 7", "google_ads")
    assert row["custom_fields"]["newsletter"] == "a\nb 7"
    again, _, counts = move(source, target, options=JobOptions())
    assert (again.state, counts, len(mega.rows)) == (JobState.DONE, {"created": 730}, 730)


def test_rows_that_cannot_go_are_accounted_for(folder, site):
    (folder / "leads.csv").write_text('name,email\nAna,ana@example.com\n"x "y",z\nBia,\n,\nBia,\n')
    record, _, counts = move(("leads.csv", {}), ("mega", site("mega").settings))
    assert (record.state, counts) == (JobState.DONE_WITH_FAILURES, {"created": 3, "failed": 1})


def test_an_edited_table_goes_on_with_what_is_new(folder, site):
    mega = site("mega")
    lines = sheet(300)
    (folder / "leads.csv").write_text(lines)
    source, target = ("leads.csv", COLUMNS), ("mega", mega.settings)
    move(source, target, options=JobOptions(limit=200))
    head, _, rest = lines.partition("\n")
    (folder / "leads.csv").write_text(f"{head}\nNew;new@example.com;;;\n{rest}")
    record, verified, counts = move(source, target, options=JobOptions())
    assert (record.state, counts, verified.holds) == (JobState.DONE, {"created": 301}, True)
    assert len(mega.rows) == 301


def test_a_table_of_text_is_no_target(folder, site):
    (folder / "leads.csv").write_text("name\nAna\n")
    with pytest.raises(Unsupported, match="jsonl"):
        move(("apollo_space", site("apollo_space", leads=1).settings), ("leads.csv", {}))


def test_an_export_imported_into_an_empty_account_is_the_same_leads(folder, site):
    here, there = site("apollo_space", leads=450, seed=3), site("apollo_space", seed=3)
    exported = move(("here", here.settings), ("out.jsonl", {}))
    assert (exported[0].state, exported[2]) == (JobState.DONE, {"created": 450})
    assert exported[1].holds
    assert exported[1].announced.counts == {}
    source = whole("here", **here.settings)
    assert {lead.ref.id: lead for lead in listed("out.jsonl")} == source

    target = ("there", there.settings)
    imported = move(("out.jsonl", {}), target, job="import")
    assert imported[1].holds
    own = {"created_at", "updated_at", "stage.name", "stage.pipeline_id"}
    arrived = {lead.ref.id: lead for lead in listed("there", **there.settings)}
    with closing(open_journal("journal.db")) as journal:
        rows = list(journal.rows("import", (RowState.CREATED,)))
    assert len(arrived) == len(source) == len(rows) == 450
    alike = 0
    for row in rows:
        lost = {loss.path for loss in losses_of(row.losses) if loss.fidelity.is_lossy}
        assert lost <= own | {"phones", "emails"}
        alike += lost <= own
        sent, found = source[row.source_id], arrived[row.target_id]
        told, shown = leaves(sent, own | lost), leaves(found, own | lost)
        assert told.keys() == shown.keys()
        assert all(agree(value, shown[path]) for path, value in told.items())
    assert alike > 400


def test_a_file_takes_everything_of_a_vendor_without_a_loss(folder, site):
    for vendor in ("mega", "novala", "v1_leads"):
        settings = site(vendor, leads=60, seed=5).settings
        name = f"{vendor}.jsonl"
        record, verified, counts = move(
            (vendor, settings), (name, {}), job=vendor, options=JobOptions()
        )
        assert (record.state, counts, verified.holds) == (JobState.DONE, {"created": 60}, True)
        found = {lead.ref.id: lead for lead in listed(name)}
        assert found == whole(vendor, **settings)


def test_two_accounts_in_one_file_do_not_take_each_others_place(folder):
    def lead(vendor, name):
        return Lead(ref=ExternalRef(vendor=vendor, connection="prod", id="7"), name=name)

    for name, vendor in (("one.jsonl", "harbour"), ("other.jsonl", "summit")):
        (folder / name).write_text(lead(vendor, vendor).model_dump_json() + "\n")
    move(("one.jsonl", {}), ("both.jsonl", {}), job="one")
    record, _, counts = move(("other.jsonl", {}), ("both.jsonl", {}), job="other")
    assert (record.state, counts) == (JobState.DONE_WITH_FAILURES, {"failed": 1})
    assert listed("both.jsonl") == [lead("harbour", "harbour")]


def test_a_strict_move_from_lines_names_what_a_vendor_would_lose(folder, site):
    (folder / "in.jsonl").write_text(
        Lead(name="Ana", score=7, email="a@example.com").model_dump_json()
    )
    _, _, counts = move(("in.jsonl", {}), ("mega", site("mega").settings), options=JobOptions())
    assert counts == {"failed": 1}
    with Gateway(environ={}).connect("mega", **site("mega").settings) as mega:
        [lead] = listed("in.jsonl")
        with pytest.raises(FidelityError, match="score"):
            mega.create_lead(lead)


KILLED = """
import asyncio, os, signal, sys
from leadgateway.drivers import appending
from leadgateway.aio import AsyncGateway
from leadgateway.mapping import LENIENT
from leadgateway.transfer.encode import losses_of
from leadgateway.transfer import JobOptions, open_journal, run_job

after, part = int(sys.argv[1]), float(sys.argv[2])
write = os.write

def cut_short(number, data):
    global after
    after -= 1
    if after < 0:
        write(number, data[:int(len(data) * part)])
        os.kill(os.getpid(), signal.SIGKILL)
    return write(number, data)

appending.os.write = cut_short

async def main():
    gateway = AsyncGateway(environ={})
    async with gateway.connect("in.jsonl") as source, gateway.connect("out.jsonl") as target:
        await run_job(source, target, open_journal("journal.db"), "job", JobOptions(policy=LENIENT))

asyncio.run(main())
"""


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.999, 1.0])
def test_a_process_that_is_killed_in_the_midst_of_a_line_doubles_and_loses_nothing(folder, part):
    leads = [
        Lead(ref=ExternalRef(vendor="harbour", connection="prod", id=str(n)), name=f"Ana {n}")
        for n in range(900)
    ]
    (folder / "in.jsonl").write_text("".join(f"{lead.model_dump_json()}\n" for lead in leads))
    for after in (1, 0):
        command = [sys.executable, "-c", KILLED, str(after), str(part)]
        done = subprocess.run(command, env={**os.environ}, check=False)
        assert done.returncode == -signal.SIGKILL
    record, verified, counts = move(("in.jsonl", {}), ("out.jsonl", {}))
    assert (record.state, counts) == (JobState.DONE, {"created": 900})
    assert verified.holds
    written = listed("out.jsonl")
    assert len(written) == 900
    assert {lead.ref.id: lead for lead in written} == {lead.ref.id: lead for lead in leads}


def test_a_row_that_was_there_says_so(folder):
    lead = Lead(ref=ExternalRef(vendor="harbour", connection="prod", id="1"), name="Ana")
    for name in ("in.jsonl", "out.jsonl"):
        (folder / name).write_text(lead.model_dump_json() + "\n")
    move(("in.jsonl", {}), ("out.jsonl", {}))
    with closing(open_journal("journal.db")) as journal:
        [row] = journal.rows("job", (RowState.CREATED,))
    assert (row.target_id, row.reason) == ("1", "was_there")
