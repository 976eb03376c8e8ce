"""What a connection reads and creates, once for every face and every vendor that can do it."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.gateway.vendors import EACH, ana, name_of, writes

from leadgateway.adapter import Outcome
from leadgateway.errors import (
    AuthError,
    BadResponse,
    ConfigError,
    FidelityError,
    MappingError,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unsupported,
)
from leadgateway.lead import Lead
from leadgateway.taxonomy import LeadStatus

# Listing


@EACH
def test_a_listing_yields_every_lead_once_and_starts_again_when_iterated_again(face, site, vendor):
    here = site(vendor, leads=23, seed=3)
    listing = face.at(here).list_leads(page_size=10)
    first = [lead.ref.id for lead in listing]
    assert len(first) == 23
    assert sorted(first) == sorted(here.ids)
    assert [lead.ref.id for lead in listing] == first
    assert all(lead.ref.connection == vendor for lead in listing)


@EACH
def test_pages_come_in_the_size_asked_for_and_can_be_left_and_taken_up_again(face, site, vendor):
    here = site(vendor, leads=23, seed=4)
    listing = face.at(here).list_leads(page_size=10)
    pages = list(listing.pages())
    assert [len(page.leads) for page in pages] == [10, 10, 3]
    assert pages[-1].next_cursor is None
    rest = listing.pages(pages[0].next_cursor)
    assert [lead for page in rest for lead in page.leads] == [
        lead for page in pages[1:] for lead in page.leads
    ]


@EACH
def test_an_empty_account_is_an_empty_list(face, site, vendor):
    here = site(vendor)
    assert list(face.at(here).list_leads()) == []
    assert len(here.asked) == 1


@EACH
def test_only_the_pages_that_are_looked_at_are_fetched(face, site, vendor):
    here = site(vendor, leads=30)
    pages = face.at(here).list_leads(page_size=10).pages()
    assert here.asked == []
    next(pages)
    assert len(here.asked) == 1


@EACH
def test_what_the_vendor_does_not_document_is_refused_before_any_request(face, site, vendor):
    here = site(vendor)
    connection = face.at(here)
    able = connection.capabilities
    values = {"line": "ai", "owner": "x", "pipeline": "x", "search": "x", "stage": "x"}
    values |= {"updated_since": datetime(2026, 1, 1, tzinfo=UTC)}
    undocumented = sorted(values.keys() - able.filters)
    assert undocumented
    for name in undocumented:
        with pytest.raises(Unsupported, match=name) as refused:
            connection.list_leads(**{name: values[name]})
        assert refused.value.vendor == vendor
    with pytest.raises(Unsupported, match="sort"):
        connection.list_leads(sort_by="shoe_size")
    if not able.sorts:
        with pytest.raises(Unsupported, match="sort descending"):
            connection.list_leads(descending=True)
    for size in (0, -1, *([able.paging.max_limit + 1] if able.paging.max_limit else [])):
        with pytest.raises(ConfigError, match="page_size"):
            connection.list_leads(page_size=size)
    assert here.asked == []


def test_a_sort_that_the_vendor_documents_is_followed_both_ways(face, site):
    here = site("mega", leads=12, seed=8)
    connection = face.at(here)
    up = [lead.ref.id for lead in connection.list_leads(sort_by="created_at", page_size=5)]
    down = [
        lead.ref.id
        for lead in connection.list_leads(sort_by="created_at", descending=True, page_size=5)
    ]
    assert up == down[::-1]
    assert len(set(up)) == 12


def test_filters_take_canonical_values(face, site):
    here = site("novala", leads=40, seed=5)
    found = list(face.at(here).list_leads(status=LeadStatus.QUALIFIED))
    assert found
    assert {lead.status.value for lead in found} == {LeadStatus.QUALIFIED}


# Reading one


@pytest.mark.parametrize("vendor", ["novala", "v1_leads"])
def test_get_reads_one_lead_by_its_id(face, site, vendor):
    here = site(vendor, leads=5)
    lead_id = here.ids[2]
    lead = face.at(here).get_lead(lead_id)
    assert lead.ref.id == lead_id
    assert lead.raw["id"] == lead_id


@pytest.mark.parametrize("vendor", ["novala", "v1_leads"])
def test_a_lead_that_is_not_there_is_not_found(face, site, vendor):
    with pytest.raises(NotFound) as error:
        face.at(site(vendor)).get_lead(str(uuid4()))
    assert error.value.status == 404


@pytest.mark.parametrize("vendor", ["apollo_space", "mega"])
def test_get_is_unsupported_where_no_endpoint_is_documented(face, site, vendor):
    here = site(vendor, leads=1)
    with pytest.raises(Unsupported, match="get"):
        face.at(here).get_lead(here.ids[0])
    assert here.asked == []


# Creating one


@EACH
def test_a_created_lead_is_there_and_its_receipt_says_so(face, site, vendor):
    here = site(vendor)
    receipt = face.at(here).create_lead(ana(), lenient=True)
    assert receipt.outcome is Outcome.CREATED
    assert [receipt.external_id] == here.ids
    assert name_of(here.rows[0]) == "Ana Souza 0"
    assert receipt.lead.ref.id == receipt.external_id
    assert receipt.error is None


@EACH
def test_a_strict_create_refuses_before_any_request_and_names_the_field(face, site, vendor):
    here = site(vendor)
    lead = ana(score=77, interaction_count=3)
    with pytest.raises(FidelityError) as refused:
        face.at(here).create_lead(lead)
    assert "interaction_count" in {loss.path for loss in refused.value.losses}
    assert "interaction_count" in str(refused.value)
    assert here.asked == []


@EACH
def test_a_loss_that_is_accepted_by_name_is_in_the_receipt(face, site, vendor):
    here = site(vendor)
    connection = face.at(here)
    lead = ana(interaction_count=3)
    lost = {loss.path for loss in connection.preview(lead).refused}
    assert "interaction_count" in lost
    receipt = connection.create_lead(lead, accept=sorted(lost))
    assert lost <= {loss.path for loss in receipt.losses}
    assert here.ids == [receipt.external_id]


def test_accepting_another_field_does_not_help(face, site):
    here = site("apollo_space")
    with pytest.raises(FidelityError):
        face.at(here).create_lead(ana(interaction_count=3), accept=["notes"])
    assert here.asked == []


@pytest.mark.parametrize("text", ["(11) 96123-4567", "020 8366 1177"])
def test_a_national_number_is_read_in_the_region_of_the_call(face, site, text):
    region = "BR" if text.startswith("(11)") else "GB"
    here = site("apollo_space")
    connection = face.at(here, region="US")
    lead = Lead(name="Ana", phone=text)
    connection.create_lead(lead, region=region)
    assert here.rows[0]["phone"] in {"+5511961234567", "+442083661177"}
    refused = connection.preview(lead).refused
    assert region == "GB" or [loss.path for loss in refused] == ["phones"]


def test_a_connection_keeps_what_plugins_and_maps_say_when_the_call_names_a_region(face, site):
    here = site("v1_leads")
    connection = face.at(here, status_out={"lost": "no deal"})
    connection.create_lead(ana(status="lost", phone=None), region="BR", lenient=True)
    assert here.rows[0]["pipeline_stage"] == "no deal"


@pytest.mark.parametrize("region", ["br", "Brazil", "B1", "", "XX"])
def test_a_region_that_is_none_is_refused_without_a_request(face, site, region):
    here = site("apollo_space")
    with pytest.raises(ConfigError, match="region"):
        face.at(here).create_lead(ana(), region=region)
    assert here.asked == []


def test_a_lead_without_what_the_vendor_demands_is_refused_here(face, site):
    here = site("v1_leads")
    with pytest.raises(MappingError, match="needs"):
        face.at(here).create_lead(Lead(name="Ana"))
    assert here.asked == []


def test_what_the_vendor_refuses_is_rejected_with_its_reason(face, site):
    here = site("apollo_space")
    connection = face.at(here, pipeline_id=str(uuid4()))
    with pytest.raises(Rejected, match="no pipeline of this organization") as refused:
        connection.create_lead(ana())
    assert refused.value.status == 400
    assert "ana0@" not in str(refused.value)
    assert here.rows == []


def test_a_write_whose_answer_is_lost_is_unknown_and_not_repeated(face, site):
    here = site("v1_leads")
    here.fail(method="POST", after=True, raw="", times=None)
    with pytest.raises(OutcomeUnknown):
        face.at(here).create_lead(ana())
    assert len(here.rows) == 1


@pytest.mark.parametrize("vendor", ["apollo_space", "mega"])
def test_a_keyed_write_whose_answer_is_lost_is_repeated_and_happens_once(face, site, vendor):
    here = site(vendor)
    here.fail(method="POST", after=True, raw="", times=1)
    receipt = face.at(here).create_lead(ana(), lenient=True)
    assert [receipt.external_id] == here.ids
    assert len(writes(here)) == 2
    assert len(face.naps) == 1


@pytest.mark.parametrize("vendor", ["apollo_space", "mega"])
@pytest.mark.parametrize(
    ("status", "kind"), [(400, Rejected), (401, AuthError), (404, NotFound), (409, Rejected)]
)
def test_a_repeat_that_is_refused_does_not_say_that_nothing_happened(
    face, site, vendor, status, kind
):
    here = site(vendor)
    here.fail(method="POST", after=True, raw="", times=1)
    here.fail(method="POST", status=status, body='{"error": "in progress"}', times=None)
    with pytest.raises(OutcomeUnknown, match="may have happened before") as doubt:
        face.at(here).create_lead(ana(), lenient=True)
    assert isinstance(doubt.value.refusal, kind)
    assert len(here.rows) == 1


def test_a_refusal_behind_a_quota_is_a_refusal(face, site):
    here = site("mega")
    here.fail(method="POST", status=429, times=1)
    here.fail(method="POST", status=400, body="{}", times=1)
    with pytest.raises(Rejected):
        face.at(here).create_lead(ana(), lenient=True)
    assert here.rows == []


def test_an_answer_that_cannot_be_read_leaves_a_write_unknown_and_a_read_bad(face, site):
    here = site("v1_leads", leads=1)
    here.fail(times=None, after=True, status=200, body="<html>", headers={"content-type": "x/y"})
    connection = face.at(here)
    with pytest.raises(OutcomeUnknown):
        connection.create_lead(ana())
    with pytest.raises(BadResponse):
        connection.get_lead(here.ids[0])


@pytest.mark.parametrize("vendor", ["apollo_space", "mega"])
def test_the_same_key_makes_one_lead_and_another_body_under_it_is_refused(face, site, vendor):
    here = site(vendor)
    connection = face.at(here)
    first = connection.create_lead(ana(), key="one-key", lenient=True)
    second = connection.create_lead(ana(), key="one-key", lenient=True)
    assert first.external_id == second.external_id
    with pytest.raises(Rejected) as refused:
        connection.create_lead(ana(1), key="one-key", lenient=True)
    assert refused.value.status == 409
    assert len(here.rows) == 1


@pytest.mark.parametrize("vendor", ["novala", "v1_leads"])
def test_a_key_is_unsupported_where_no_vendor_takes_it(face, site, vendor):
    here = site(vendor)
    with pytest.raises(Unsupported, match="idempotency_key"):
        face.at(here).create_lead(ana(), key="one-key", lenient=True)
    assert here.asked == []


def test_each_create_has_a_key_of_its_own(face, site):
    here = site("apollo_space")
    connection = face.at(here)
    for _ in range(2):
        connection.create_lead(ana())
    assert len(here.rows) == 2
