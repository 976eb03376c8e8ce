"""Looking before writing, and looking again afterwards."""

import asyncio

from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, STRICT, Policy
from leadgateway.taxonomy import Fidelity
from leadgateway.transfer import expected_arrival, read_back, scan


def test_a_scan_counts_losses_and_what_cannot_go_and_writes_nothing(sites):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load(
        {"email": "ana@example.com", "company": "Solsticio", "name": "Ana", "source": "direct"},
        {"email": "bo@example.com"},
        {"email": "cy@example.com", "name": "Cy"},
    )
    seen = []

    async def main():
        async with sites.connected(source, target) as (ours, theirs):
            return await scan(ours, theirs, progress=seen.append)

    found = asyncio.run(main())
    assert found.read == 3
    assert seen == [1, 2, 3]
    assert found.losses.counts["source", Fidelity.DROPPED, "no_such_field"] == 1
    ((reason, leads, samples),) = found.unmappable.rows()
    assert "apollo_space needs contact_name" in reason
    assert (leads, len(samples)) == (1, 1)
    assert target.asked() == 0


def test_lossy_paths_are_what_a_strict_policy_stops_on(sites):
    source, target = sites.start("v1_leads", leads=20), sites.start("apollo_space")

    async def main():
        async with sites.connected(source, target) as (ours, theirs):
            return await scan(ours, theirs, limit=7)

    found = asyncio.run(main())
    assert found.read == 7
    assert {"status", "created_at"} <= set(found.lossy_paths())
    assert "emails" not in found.lossy_paths()
    assert found.refused(STRICT) == found.lossy_paths()
    assert "status" not in found.refused(Policy(("status",)))
    assert found.refused(LENIENT) == ()


def test_reading_back_counts_what_is_there_and_names_what_differs(sites):
    site = sites.start("novala")
    names = ("Ana Souza", "Bo Diddley", "Cy Young")
    site.load(*(dict(zip(("firstName", "lastName"), name.split(), strict=True)) for name in names))
    ana, bo, cy = (row["id"] for row in site.dump())

    async def main():
        async with sites.connected(site) as (there,):
            everything = await read_back(there, {ana: Lead(name="Ana Souza"), cy: None})
            missing = await read_back(there, {"nobody": None})
            changed = await read_back(
                there, {ana: Lead(name="Ana Souza", email="a@b.example"), bo: Lead(name="Bob")}
            )
            return everything, missing, changed

    everything, missing, changed = asyncio.run(main())
    assert (everything.expected, everything.found, everything.agrees) == (2, 2, True)
    assert (missing.expected, missing.found, missing.agrees) == (1, 0, False)
    assert changed.found == 2
    assert not changed.agrees
    assert {r: ids for r, _, ids in changed.differing.rows()} == {"emails": (ana,), "name": (bo,)}


def test_what_will_arrive_is_known_before_it_is_sent(sites):
    site = sites.start("apollo_space")

    async def main():
        async with sites.connected(site) as (there,):
            ana = Lead(name="Ana", email="ANA@Example.com", notes="lost", phone="+5511961234567")
            return expected_arrival(there, ana), expected_arrival(there, Lead(notes="no name"))

    arrived, impossible = asyncio.run(main())
    assert arrived.email.raw == "ANA@example.com"
    assert arrived.phone.e164 == "+5511961234567"
    assert not arrived.knows("notes")
    assert impossible is None
