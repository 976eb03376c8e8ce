"""Creating many leads: one receipt a lead, whatever happens to the others."""

import pytest
from tests.gateway.vendors import EACH, ana, name_of, writes

from leadgateway import connect
from leadgateway.adapter import Outcome
from leadgateway.errors import (
    AuthError,
    FidelityError,
    MappingError,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from leadgateway.lead import Lead


@EACH
def test_many_leads_get_their_receipts_in_order(face, site, vendor):
    here = site(vendor)
    receipts = face.at(here).create_many([ana(n) for n in range(12)], lenient=True)
    assert [receipt.outcome for receipt in receipts] == [Outcome.CREATED] * 12
    names = {row["id"]: name_of(row) for row in here.rows}
    assert [names[receipt.external_id] for receipt in receipts] == [
        f"Ana Souza {n}" for n in range(12)
    ]


@EACH
def test_no_leads_are_no_requests(face, site, vendor):
    here = site(vendor)
    assert face.at(here).create_many([]) == []
    assert here.asked == []


def test_many_leads_may_come_from_anything_that_is_iterated(face, site):
    old, new = site("v1_leads", leads=3), site("v1_leads")
    connection = face.at(new)
    receipts = connection.create_many((ana(n) for n in range(2)), concurrency=1)
    assert [receipt.external_id for receipt in receipts] == new.ids
    with connect("v1_leads", **old.settings) as source:
        receipts = connection.create_many(source.list_leads(), concurrency=1, lenient=True)
    assert [receipt.external_id for receipt in receipts] == new.ids[2:]
    assert len(receipts) == 3


@EACH
def test_leads_that_cannot_be_written_do_not_disturb_the_others(face, site, vendor):
    here = site(vendor)
    lossy, empty = ana(1, interaction_count=9), Lead(notes="nobody")
    connection = face.at(here)
    accept = sorted({loss.path for loss in connection.preview(ana()).refused})
    receipts = connection.create_many([ana(0), lossy, empty, ana(2)], accept=accept)
    assert [receipt.outcome for receipt in receipts] == ["created", "failed", "failed", "created"]
    assert isinstance(receipts[1].error, FidelityError)
    assert "interaction_count" in {loss.path for loss in receipts[1].losses}
    assert isinstance(receipts[2].error, MappingError)
    assert len(here.rows) == 2


def test_a_row_that_the_vendor_refuses_does_not_disturb_the_others(face, site):
    here = site("apollo_space")
    here.fail(method="POST", skip=1, times=1, status=422, body="{}")
    receipts = face.at(here).create_many([ana(n) for n in range(4)], concurrency=1)
    assert [receipt.outcome for receipt in receipts] == ["created", "failed", "created", "created"]
    assert isinstance(receipts[1].error, Rejected)


def test_a_row_in_doubt_is_unknown_and_the_others_go_on(face, site):
    here = site("novala")
    here.fail(method="POST", skip=1, times=1, after=True, raw="")
    receipts = face.at(here).create_many([ana(n) for n in range(4)], concurrency=1, lenient=True)
    assert [receipt.outcome for receipt in receipts] == ["created", "unknown", "created", "created"]
    assert isinstance(receipts[1].error, OutcomeUnknown)
    assert len(here.rows) == 4


def test_an_answer_that_a_guard_stops_is_in_the_receipt_of_its_lead(face, site):
    here = site("novala")
    here.fail(method="POST", times=1, status=307, headers={"location": "http://127.0.0.2/x"})
    receipts = face.at(here).create_many([ana(0), ana(1)], concurrency=1, lenient=True)
    assert [receipt.outcome for receipt in receipts] == ["unknown", "created"]


def test_a_target_that_is_down_fails_every_lead_with_a_receipt(face, site):
    here = site("v1_leads")
    here.fail(method="POST", times=None, status=503)
    receipts = face.at(here).create_many([ana(n) for n in range(3)])
    assert {receipt.outcome for receipt in receipts} == {Outcome.UNKNOWN}
    connection = face.at(here, base_url="http://127.0.0.1:9/api/v1")
    receipts = connection.create_many([ana(n) for n in range(3)])
    assert {receipt.outcome for receipt in receipts} == {Outcome.FAILED}
    assert {type(receipt.error) for receipt in receipts} == {Unavailable}


@pytest.mark.parametrize("vendor", ["apollo_space", "v1_leads"])
def test_a_refused_credential_stops_the_rest_and_each_lead_still_has_its_receipt(
    face, site, vendor
):
    here = site(vendor)
    here.fail(method="POST", skip=2, times=None, status=403, body="{}")
    receipts = face.at(here).create_many([ana(n) for n in range(9)], concurrency=1)
    assert [receipt.outcome for receipt in receipts] == ["created"] * 2 + ["failed"] * 7
    assert all(isinstance(receipt.error, AuthError) for receipt in receipts[2:])
    assert len(writes(here)) == 3


@pytest.mark.parametrize("concurrency", [1, 3])
def test_as_many_workers_write_at_once_as_the_concurrency_says(face, site, concurrency):
    here = site("v1_leads")
    driver = face.meeting(concurrency)
    connection = face.open("v1_leads", driver=driver, **here.settings)
    receipts = connection.create_many([ana(n) for n in range(6)], concurrency=concurrency)
    assert {receipt.outcome for receipt in receipts} == {Outcome.CREATED}
    assert driver.most == concurrency


def test_a_bulk_vendor_takes_whole_batches(face, site):
    here = site("mega")
    receipts = face.at(here).create_many([ana(n) for n in range(501)], lenient=True)
    assert {receipt.outcome for receipt in receipts} == {Outcome.CREATED}
    assert [call.split("?")[0] for call in writes(here)] == [
        "POST /api/agents/crm/leads/bulk 200"
    ] * 2


def test_a_batch_that_is_refused_whole_is_halved_until_the_guilty_are_alone(face, site):
    here = site("mega")
    # 4 leads: the whole, its first half, and of that the second lead
    for skip in (0, 0, 1):
        here.fail(method="POST", skip=skip, times=1, status=400, body="{}")
    receipts = face.at(here).create_many([ana(n) for n in range(4)], lenient=True)
    assert [receipt.outcome for receipt in receipts] == ["created", "failed", "created", "created"]
    assert isinstance(receipts[1].error, Rejected)
    assert [call[-3:] for call in writes(here)] == ["400", "400", "200", "400", "200"]


def test_a_half_that_was_written_is_not_forgotten_when_the_other_is_refused_for_good(face, site):
    here = site("mega")
    here.fail(method="POST", times=1, status=400, body="{}")
    here.fail(method="POST", skip=1, times=None, status=403, body="{}")
    receipts = face.at(here).create_many([ana(n) for n in range(4)], lenient=True)
    assert [receipt.outcome for receipt in receipts] == ["created", "created", "failed", "failed"]
    assert [receipt.external_id for receipt in receipts[:2]] == here.ids


@pytest.mark.parametrize("status", [400, 401, 409])
def test_a_batch_whose_repeat_is_refused_is_in_doubt_and_not_halved(face, site, status):
    here = site("mega")
    here.fail(method="POST", times=1, after=True, raw="")
    here.fail(method="POST", times=1, status=status, body='{"error": "in progress"}')
    receipts = face.at(here).create_many([ana(n) for n in range(4)], lenient=True)
    assert {receipt.outcome for receipt in receipts} == {Outcome.UNKNOWN}
    assert len(here.rows) == 4


def test_a_half_in_doubt_does_not_cast_doubt_on_the_other(face, site):
    here = site("mega")
    here.fail(method="POST", times=1, status=400, body="{}")
    here.fail(method="POST", times=None, after=True, status=500)
    receipts = face.at(here).create_many([ana(n) for n in range(4)], lenient=True)
    assert {receipt.outcome for receipt in receipts} == {Outcome.UNKNOWN}
    assert len(here.rows) == 4
