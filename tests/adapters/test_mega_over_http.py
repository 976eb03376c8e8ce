"""MEGA's adapter against MEGA's simulator, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from tests.adapters.conversation import Line, line
from tests.adapters.mega_account import draft

from leadgateway.adapter import LeadQuery, Outcome, Page
from leadgateway.errors import AuthError, Rejected
from leadgateway.lead import Lead
from leadgateway.mapping import Use
from leadgateway.simulator.serve import Running, in_thread
from leadgateway.values import Owner
from leadgateway_mega.adapter import Mega
from leadgateway_mega.simulator import MegaSimulator

LEADS = 230
STORED = 20


@pytest.fixture(scope="module")
def stocked() -> Iterator[Running]:
    """A simulator with leads, for tests that only read."""
    with in_thread(MegaSimulator(leads=LEADS, seed=11, rate_limits=False)) as running:
        yield running


@pytest.fixture
def running() -> Iterator[Running]:
    """A simulator of one test's own."""
    with in_thread(MegaSimulator(leads=STORED, seed=5)) as running:
        yield running


@pytest.fixture
def reading(stocked: Running) -> Iterator[Line]:
    with line(Mega, stocked) as connected:
        yield connected


@pytest.fixture
def mega(running: Running) -> Iterator[Line]:
    with line(Mega, running) as connected:
        yield connected


def walk(mega: Line, query: LeadQuery) -> list[Lead]:
    """Return every lead of a list, page after page."""
    leads: list[Lead] = []
    cursor = None
    while True:
        found: Page = mega.run(mega.adapter.list_page(query, cursor))
        leads += found.leads
        cursor = found.next_cursor
        if cursor is None:
            return leads


def plain(leads: list[Lead]) -> Lead:
    """Return a lead whose address is written as it is sent, so that it can be found by it."""
    return next(x for x in leads if x.email and x.email.raw == x.email.address)


def one(mega: Line, lead: Lead, use: Use = Use.CREATE) -> Any:
    return draft(mega.adapter, lead, use)


def requests(running: Running) -> Any:
    return httpx.get(f"{running.url}/_simulator/requests").json()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort_by", [None, *Mega.capabilities.sorts])
def test_every_sort_lists_every_lead_once_and_in_order(
    reading: Line, sort_by: str | None, descending: bool
) -> None:
    leads = walk(reading, LeadQuery(sort_by=sort_by, descending=descending))
    assert len({lead.ref.id for lead in leads if lead.ref}) == len(leads) == LEADS
    stamps = [getattr(lead, sort_by or "updated_at") for lead in leads]
    for earlier, later in pairwise([stamp for stamp in stamps if stamp is not None]):
        assert earlier >= later if descending else earlier <= later


def test_no_lead_of_the_simulator_is_misread(reading: Line) -> None:
    issues = {issue.path for lead in walk(reading, LeadQuery()) for issue in lead.issues}
    assert issues <= {"phones", "emails", "name"}  # as dirty as people type them


def test_each_filter_finds_the_leads_that_fit_it(reading: Line) -> None:
    leads = walk(reading, LeadQuery())
    changed, made = (
        sorted(getattr(x, key) for x in leads)[LEADS // 2] for key in ("updated_at", "created_at")
    )
    someone = plain(leads)
    cases = {
        LeadQuery(status="won"): lambda x: x.status.native == "won",
        LeadQuery(stage=someone.stage.id): lambda x: x.stage and x.stage.id == someone.stage.id,
        LeadQuery(line="buyer"): lambda x: x.line == "buyer",
        LeadQuery(updated_since=changed): lambda x: x.updated_at >= changed,
        LeadQuery(created_since=made): lambda x: x.created_at >= made,
        LeadQuery(search=someone.email.raw): lambda x: x.ref.id == someone.ref.id,
    }
    for query, fits in cases.items():
        found = {lead.ref.id for lead in walk(reading, query) if lead.ref}
        assert found == {lead.ref.id for lead in leads if lead.ref and fits(lead)}
        assert 0 < len(found) < LEADS


def test_a_cursor_that_was_kept_goes_on_in_a_new_connection(stocked: Running) -> None:
    query = LeadQuery(page_size=100)
    with line(Mega, stocked) as first:
        start = first.run(first.adapter.list_page(query, None))
    with line(Mega, stocked) as second:
        rest = second.run(second.adapter.list_page(query, start.next_cursor))
    assert not {x.ref.id for x in start.leads} & {x.ref.id for x in rest.leads}


def test_a_new_lead_is_created_and_the_same_key_creates_no_other(mega: Line) -> None:
    ann = one(mega, Lead(name="Ann Lee", email="ann@mail.example", custom={"no_such_slug": 1}))
    first = mega.run(mega.adapter.create(ann, "key-1"))
    assert (first.outcome, first.doubt) == (Outcome.CREATED, None)
    assert [x.path for x in first.losses] == ["custom.no_such_slug"]
    again = mega.run(mega.adapter.create(ann, "key-1"))
    assert again.external_id == first.external_id
    assert len(walk(mega, LeadQuery())) == STORED + 1


def test_a_key_under_another_body_is_rejected(mega: Line) -> None:
    mega.run(mega.adapter.create(one(mega, Lead(name="Ann Lee")), "key-1"))
    with pytest.raises(Rejected, match="used with another body"):
        mega.run(mega.adapter.create(one(mega, Lead(name="Bea Lee")), "key-1"))


def test_a_lead_that_is_there_is_merged(mega: Line) -> None:
    there = plain(walk(mega, LeadQuery()))
    receipt = mega.run(mega.adapter.create(one(mega, Lead(email=there.email.address)), "k"))
    assert (receipt.outcome, receipt.matched_by) == (Outcome.MERGED, "email")
    assert receipt.external_id == there.ref.id


def test_a_batch_settles_each_row_and_a_dry_run_writes_nothing(mega: Line) -> None:
    there = plain(walk(mega, LeadQuery()))
    people = [
        one(mega, Lead(name="Ann Lee", line="buyer", custom={"no_such_slug": 1}), Use.BULK),
        one(mega, Lead(email=there.email.address), Use.BULK),
        one(
            mega,
            Lead(name="Bea Lee", owner=Owner(id="0" * 8 + "-0000-4000-8000-" + "0" * 12)),
            Use.BULK,
        ),
    ]
    expected = [Outcome.CREATED, Outcome.MERGED, Outcome.FAILED]
    tried = mega.run(mega.adapter.dry_run(people))
    assert [receipt.outcome for receipt in tried] == expected
    assert len(walk(mega, LeadQuery())) == STORED
    done = mega.run(mega.adapter.create_many(people, "batch-1"))
    assert [receipt.outcome for receipt in done] == expected
    assert "custom.no_such_slug" in [loss.path for loss in done[0].losses]
    assert (done[1].matched_by, done[1].external_id) == ("email", there.ref.id)
    leads = {lead.ref.id: lead for lead in walk(mega, LeadQuery())}
    assert len(leads) == STORED + 1
    assert leads[done[0].external_id].line == "buyer"


def test_the_same_batch_under_the_same_key_is_written_once(mega: Line) -> None:
    people = [one(mega, Lead(name="Ann Lee"), Use.BULK)]
    first = mega.run(mega.adapter.create_many(people, "batch-1"))
    assert mega.run(mega.adapter.create_many(people, "batch-1")) == first
    assert len(walk(mega, LeadQuery())) == STORED + 1


def test_duplicates_may_be_left_untouched(running: Running) -> None:
    with line(Mega, running, on_duplicate="skip") as mega:
        there = plain(walk(mega, LeadQuery()))
        rows = [one(mega, Lead(name="Someone Else", email=there.email.address), Use.BULK)]
        (receipt,) = mega.run(mega.adapter.create_many(rows, "k"))
        assert (receipt.outcome, receipt.external_id) == (Outcome.SKIPPED, there.ref.id)
        assert {x.name and x.name.full for x in walk(mega, LeadQuery())}.isdisjoint(
            {"Someone Else"}
        )


def test_a_lost_answer_is_asked_for_again_under_the_same_key(mega: Line, running: Running) -> None:
    fault = {
        "method": "POST",
        "path": "/api/agents/crm/leads",
        "times": 1,
        "after": True,
        "raw": "",
    }
    httpx.post(f"{running.url}/_simulator/faults", json=fault).raise_for_status()
    receipt = mega.run(mega.adapter.create(one(mega, Lead(name="Ann Lee")), "key-1"))
    assert receipt.outcome is Outcome.CREATED
    assert len(walk(mega, LeadQuery())) == STORED + 1


def test_the_quota_of_batches_is_their_own(mega: Line, running: Running) -> None:
    people = [one(mega, Lead(name="Ann Lee"), Use.BULK)]
    for _ in range(10):
        mega.run(mega.adapter.dry_run(people))
    assert mega.run(mega.adapter.list_page(LeadQuery(), None)).total == STORED
    assert all(" 429" not in entry for entry in requests(running)["recent"])


@pytest.mark.parametrize(
    "wrong",
    [{"token": "mega_" + "0" * 64}, {"customer_id": "11111111-2222-4333-8444-555555555555"}],
)
def test_a_key_or_customer_that_is_not_ours_is_an_auth_error(
    running: Running, wrong: dict[str, str]
) -> None:
    with line(Mega, running, **wrong) as mega, pytest.raises(AuthError):
        mega.run(mega.adapter.check())


def test_a_check_reads_one_lead_and_writes_none(mega: Line, running: Running) -> None:
    assert mega.run(mega.adapter.check()) == {"reachable": True, "total": STORED}
    assert requests(running)["total"] == 1


def test_a_date_of_the_future_lists_nothing(mega: Line) -> None:
    later = datetime.now(UTC) + timedelta(days=3650)
    assert walk(mega, LeadQuery(updated_since=later)) == []
