"""`leadgateway demo`: the journey, its verdict, and what it leaves behind."""

import asyncio
import json
import signal

import pytest
from tests.cli.programs import PATIENCE, is_away, ran, started, until
from tests.transfer.sites import no_wait

from leadgateway.cli import journey, ring
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.render import Screen
from leadgateway.errors import AuthError, LeadGatewayError
from leadgateway.journal import RowState
from leadgateway.journal.opening import open_journal
from leadgateway.plugins import Plugins

VENDORS = ["apollo_space", "mega", "novala", "v1_leads"]
HOPS = list(zip(VENDORS, [*VENDORS[1:], VENDORS[0]], strict=True))


def urls_in(text):
    return [line.split(" at ")[1].split(",")[0] for line in text.splitlines() if " at http" in line]


def test_the_journey_accounts_for_every_lead(run):
    found = run("demo", "--leads", 40, "--json")
    shown = json.loads(found.stdout)
    assert shown["ok"]
    assert shown["rate_limits"] is False
    assert [(hop["source"], hop["target"]) for hop in shown["hops"]] == HOPS
    for hop in shown["hops"]:
        assert hop["ok"]
        assert hop["read"] == sum(hop["counts"].values()) == 40
        assert hop["read_back"]["found"] == hop["read_back"]["expected"] > 0
        assert hop["read_back"]["differing"] == {}
        lossy = {r["path"] for r in hop["losses"] if r["fidelity"] in {"narrowed", "dropped"}}
        assert lossy == set(hop["accepted"])
    relocated = [r for hop in shown["hops"] for r in hop["losses"] if r["fidelity"] == "relocated"]
    assert relocated
    assert "apollo_space -> mega: 40" in found.stderr


def test_the_journey_is_told_to_a_reader(run):
    shown = run("demo", "--leads", 15, "--seed", 3).stdout
    assert "15 leads each, seed 3." in shown
    assert "rate limits are off" in shown
    assert "leads a batch" in shown
    for source, target in HOPS:
        assert f"{source} -> {target}: 15 leads." in shown
        assert shown.count(f"\n{source} -> {target}  ") == 1
    assert shown.endswith("Every lead is accounted for, and nothing differs without notice.\n")
    urls = urls_in(shown)
    assert len(urls) == 4
    assert all(map(is_away, urls))


def test_neither_the_environment_nor_a_file_here_changes_the_journey(tmp_path):
    (tmp_path / "leadgateway.toml").write_text("[connections.mega]\nvendor = 7\n")
    done = ran("demo", "--leads", "3", "--json", cwd=tmp_path, LEADGATEWAY_NOVALA_TOKEN="nonsense")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_and_everything_it_started(tmp_path, number, code):
    with started("demo", "--leads", "3000", cwd=tmp_path, PYTHONUNBUFFERED="1") as process:
        lines = []
        while len(urls_in("".join(lines))) < 4:
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert all(map(is_away, urls_in("".join(lines))))


def test_killed_outright_it_still_leaves_no_simulator_behind(tmp_path):
    with started("demo", "--leads", "3000", cwd=tmp_path, PYTHONUNBUFFERED="1") as process:
        lines = []
        while len(urls_in("".join(lines))) < 4:
            lines.append(process.stdout.readline())
        process.kill()
        urls = urls_in("".join(lines))
    until(lambda: all(map(is_away, urls)))


BROKEN = """
from leadgateway import hookimpl

class Broken:
    demo_terms = {}
    def __init__(self, **_):
        raise SystemExit("it does not start")

@hookimpl
def leadgateway_adapters():
    return {"zz_broken": Adapter, "yy_gone": "nowhere_at_all:Adapter"}

@hookimpl
def leadgateway_simulators():
    return {"zz_broken": Broken}
"""
ADAPTER = """
from tests.plugins.tinycrm.leadgateway_tinycrm import TinyCRM

class Adapter(TinyCRM):
    vendor = "zz_broken"
"""


def test_a_simulator_that_does_not_start_ends_it_and_the_others(run, tmp_path, monkeypatch, capfd):
    (tmp_path / "unstartable_plugin.py").write_text(ADAPTER + BROKEN)
    monkeypatch.syspath_prepend(tmp_path)
    here = __file__.rpartition("/tests/")[0]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{here}")
    monkeypatch.setenv("LEADGATEWAY_PLUGINS", "unstartable_plugin")
    found = run("demo", "--leads", 3, code=1)
    assert "Error: zz_broken: the simulator ended before it listened" in found.stderr
    assert "Warning: plugin 'unstartable_plugin'" in found.stderr
    assert "nowhere_at_all" in found.stderr
    assert "it does not start" in capfd.readouterr().err


def test_leads_that_cannot_go_are_told_before_and_after(sites, capsys):
    first, second = sites.start("v1_leads"), sites.start("apollo_space")
    first.load({"email": "a@b.example"}, {"name": "Bo"})

    async def main():
        async with sites.connected(first, second) as connections:
            stops = [
                ring.Station(site.vendor, site.running.url, {}, connection)
                for site, connection in zip((first, second), connections, strict=True)
            ]
            return await journey._around(stops, 5, Screen())

    hops = asyncio.run(main())
    journey._sum_up(hops, Screen())
    shown = capsys.readouterr().out
    assert "What cannot go:\n" in shown
    assert "v1_leads-0 -> apollo_space-1: why leads are failed:\nreason " in shown
    assert "Every lead is accounted for" in shown
    assert ends(hops[0]) == {RowState.FAILED: 1, RowState.CREATED: 1}


def test_one_vendor_is_no_ring(run, monkeypatch):
    monkeypatch.setenv("LEADGATEWAY_BLOCK", ",".join(VENDORS[1:]))
    assert "two vendors" in run("demo", code=2).stderr


def ends(hop):
    return {state: count for state, count in hop.certificate.outcomes.items() if count}


@pytest.fixture
def hop(sites, tmp_path):
    """Travel from one site to another; returns the hop."""

    async def travel(source, target):
        journal = open_journal(tmp_path / "journal.db")
        try:
            async with sites.connected(source, target, sleep=no_wait) as (ours, theirs):
                return await ring.travel(
                    ours, theirs, journal,
                    limit=10, announce=lambda _: None, progress=lambda _: None,
                )  # fmt: skip
        finally:
            journal.close()

    return lambda source, target: asyncio.run(travel(source, target))


def test_a_merged_lead_is_looked_for_and_not_compared(sites, hop):
    source, target = sites.start("v1_leads"), sites.start("mega")
    source.load({"name": "Ana", "email": "ana@example.com"}, {"name": "Bo", "email": "b@c.example"})
    target.load({"contact_name": "Another Ana", "contact_email": "ana@example.com"})
    done = hop(source, target)
    assert ends(done) == {RowState.MERGED: 1, RowState.CREATED: 1}
    assert (done.verification.expected, done.verification.found) == (2, 2)
    assert done.is_sound


def test_what_cannot_go_was_announced_and_is_sound(sites, hop):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load({"email": "a@b.example"}, {"name": "Bo"})
    done = hop(source, target)
    assert ends(done) == {RowState.FAILED: 1, RowState.CREATED: 1}
    assert done.found.unmappable.counts.total() == 1
    assert done.is_sound


def test_a_hop_with_a_failure_that_nobody_announced_is_not_sound(sites, hop):
    source, target = sites.start("novala", leads=6), sites.start("v1_leads")
    target.break_(method="POST", path="/api/v1/leads", status=400, body="{}")
    assert not hop(source, target).is_sound


def test_what_concerns_every_lead_ends_the_journey(sites, hop):
    source, target = sites.start("novala", leads=6), sites.start("v1_leads")
    target.break_(method="POST", path="/api/v1/leads", status=403, body="{}", times=None)
    with pytest.raises(AuthError):
        hop(source, target)


def test_the_verdict_is_told_with_its_reasons(run, monkeypatch):
    real = ring.verify

    async def doubting(target, journal, job):
        found = await real(target, journal, job)
        found.faults.add("name", "lead-1")
        journal.record_verification(job, found.text())
        return found

    monkeypatch.setattr(ring, "verify", doubting)
    found = run("demo", "--leads", 5, code=1)
    assert "what differs without notice:" in found.stdout
    assert "differ without notice" in found.stderr
    assert not json.loads(run("demo", "--leads", 5, "--json", code=1).stdout)["ok"]


def test_an_error_on_the_way_is_an_error_and_ends_everything(run, monkeypatch):
    async def broken(*_, **__):
        raise LeadGatewayError("the wire is cut")

    monkeypatch.setattr(ring, "plan", broken)
    found = run("demo", "--leads", 5, code=1)
    assert "Error: the wire is cut" in found.stderr
    assert all(map(is_away, urls_in(found.stdout)))


def test_cancelled_by_others_it_is_cancelled(monkeypatch):
    async def cancelled(*_):
        raise asyncio.CancelledError

    monkeypatch.setattr(journey, "_around", cancelled)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(journey.demonstrate(Invocation(), 1, 1, Screen(as_json=True)))


def test_demo_terms_are_settings_of_the_vendor(sites):
    plugins = Plugins.installed()
    for vendor, kind in plugins.simulators().items():
        site = sites.start(vendor)
        settings = {k: v for k, v in site.running.settings.items() if k != "vendor"}
        plugins.adapter(vendor).settings_type.of({**settings, **kind.demo_terms})
