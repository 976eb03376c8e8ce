"""What a connection does, once for every face and every vendor that can do it."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr
from tests.gateway.faces import SIMULATORS

from leadgateway.adapter import Outcome
from leadgateway.capabilities import Operation
from leadgateway.errors import (
    AuthError,
    BadResponse,
    ConfigError,
    FidelityError,
    MappingError,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unsupported,
)
from leadgateway.exchange import Effect
from leadgateway.lead import Lead
from leadgateway.taxonomy import Fidelity, LeadStatus

VENDORS = sorted(SIMULATORS)
EACH = pytest.mark.parametrize("vendor", VENDORS)
PAGE_PARAM = {"mega": "limit", "apollo_space": "limit", "novala": "limit", "v1_leads": "limit"}
LIST_PATH = {
    "apollo_space": "/v1/leads",
    "mega": "/api/agents/crm/leads",
    "novala": "/api/v1/leads",
    "v1_leads": "/api/v1/leads",
}


def ana(number: int = 0, **fields: object) -> Lead:
    return Lead(name=f"Ana Souza {number}", email=f"ana{number}@example.com", **fields)


def name_of(row: dict) -> str:
    for key in ("contact_name", "name"):
        if row.get(key):
            return row[key]
    return f"{row['firstName']} {row['lastName']}"


def writes(site) -> list[str]:
    return [call for call in site.asked if not call.startswith("GET ")]


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


@pytest.mark.parametrize("region", ["br", "Brazil", "B1", ""])
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


# Creating many


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


def test_a_half_in_doubt_does_not_cast_doubt_on_the_other(face, site):
    here = site("mega")
    here.fail(method="POST", times=1, status=400, body="{}")
    here.fail(method="POST", times=None, after=True, status=500)
    receipts = face.at(here).create_many([ana(n) for n in range(4)], lenient=True)
    assert {receipt.outcome for receipt in receipts} == {Outcome.UNKNOWN}
    assert len(here.rows) == 4


# Updating


def test_an_update_of_a_lead_that_was_read_sends_what_changed_and_nothing_else(face, site):
    here = site("v1_leads", leads=3)
    connection = face.at(here)
    lead = connection.get_lead(here.ids[0])
    changed = lead.model_copy(update={"score": 1 if lead.score != 1 else 2})
    receipt = connection.update_lead(lead.ref.id, changed)
    assert receipt.outcome is Outcome.UPDATED
    (record,) = connection.list_changes()
    assert record.lead_id == lead.ref.id
    assert set(record.diff) == {"lead_score"}


def test_an_update_that_changes_nothing_is_skipped_without_a_request(face, site):
    here = site("v1_leads", leads=1)
    connection = face.at(here)
    lead = connection.get_lead(here.ids[0])
    before = here.asked
    receipt = connection.update_lead(lead.ref.id, lead)
    assert receipt.outcome is Outcome.SKIPPED
    assert receipt.external_id == lead.ref.id
    assert here.asked == before


def test_a_lead_made_by_hand_is_written_whole(face, site):
    here = site("v1_leads", leads=1)
    receipt = face.at(here).update_lead(here.ids[0], Lead(name="Bo", score=3))
    assert receipt.outcome is Outcome.UPDATED
    assert {"name": "Bo", "lead_score": 3}.items() <= here.rows[0].items()


def test_a_base_that_was_read_is_what_the_change_is_measured_by(face, site):
    here = site("v1_leads", leads=1)
    connection = face.at(here)
    base = connection.get_lead(here.ids[0])
    receipt = connection.update_lead(base.ref.id, Lead(score=base.score, notes=None), base=base)
    assert receipt.outcome is Outcome.SKIPPED


def test_a_base_made_by_hand_counts_as_what_it_says(face, site):
    here = site("v1_leads", leads=1)
    connection = face.at(here)
    base = Lead(name="Bo", score=3)
    same = connection.update_lead(here.ids[0], Lead(name="Bo", score=3), base=base)
    assert same.outcome is Outcome.SKIPPED
    connection.update_lead(here.ids[0], Lead(name="Bo", score=4), base=base)
    (record,) = connection.list_changes()
    assert set(record.diff) == {"lead_score"}


def test_a_record_read_elsewhere_is_no_base(face, site):
    """The lead of another record, or of another account, may differ where this one does not."""
    here, there = site("v1_leads", leads=2, seed=1), site("v1_leads", leads=2, seed=2)
    mine, theirs = face.at(here), face.at(there)
    lead = theirs.get_lead(there.ids[0])
    assert mine.update_lead(here.ids[0], lead, lenient=True).outcome is Outcome.UPDATED
    assert here.rows[0]["name"] == there.rows[0]["name"]
    other = mine.get_lead(here.ids[1])
    assert mine.update_lead(here.ids[0], other, lenient=True).outcome is Outcome.UPDATED
    assert here.rows[0]["name"] == here.rows[1]["name"]


def test_a_base_of_another_vendor_is_read_by_its_own_table(face, site):
    here, there = site("v1_leads", leads=1), site("novala", leads=1)
    lead = face.at(there).get_lead(there.ids[0])
    named = Lead(name=lead.name)
    receipt = face.at(here).update_lead(here.ids[0], named, base=lead)
    assert receipt.outcome is Outcome.SKIPPED


@pytest.mark.parametrize("vendor", ["apollo_space", "mega", "novala"])
def test_update_is_unsupported_where_no_endpoint_is_documented(face, site, vendor):
    here = site(vendor, leads=1)
    with pytest.raises(Unsupported, match="update"):
        face.at(here).update_lead(here.ids[0], ana())
    assert here.asked == []


# Looking without touching


@EACH
def test_a_preview_is_the_exact_request_and_needs_no_network(face, site, vendor):
    here = site(vendor)
    driver = face.driver(lambda request: AssertionError("sent"))
    silent = face.open(vendor, driver=driver, **here.settings)
    preview = silent.preview(ana())
    assert driver.sent == []

    sent = []

    def script(request):
        sent.append(request)
        return 403, {}

    with pytest.raises(AuthError):
        face.open(vendor, driver=face.driver(script), **here.settings).create_lead(
            ana(), lenient=True
        )
    assert (preview.method, preview.url) == (sent[0].method, sent[0].url)
    assert dict(preview.body) == json.loads(sent[0].body)
    credential = {"authorization", "x-customer-id", "x-organization-id"}
    for name, value in preview.headers.items():
        assert sent[0].header(name) == value or name == "idempotency-key"
    assert not credential & preview.headers.keys()
    assert here.settings["token"] not in repr(preview)
    assert "ana0@" not in repr(preview)


@EACH
def test_a_preview_names_what_strict_would_refuse_and_what_is_accepted(face, site, vendor):
    connection = face.at(site(vendor))
    lead = ana(interaction_count=3)
    preview = connection.preview(lead)
    assert "interaction_count" in {loss.path for loss in preview.refused}
    assert set(preview.refused) <= set(preview.losses)
    assert connection.preview(lead, lenient=True).refused == ()
    accepted = connection.preview(lead, accept=["interaction_count"]).refused
    assert "interaction_count" not in {loss.path for loss in accepted}


def test_a_preview_of_what_cannot_be_written_says_why(face, site):
    with pytest.raises(MappingError, match="needs"):
        face.at(site("v1_leads")).preview(Lead(name="Ana"))


def test_the_fidelity_between_two_vendors_needs_neither_network_nor_credentials(face):
    gateway = face.gateway()
    report = gateway.fidelity("novala", "mega")
    assert (report.source, report.target) == ("novala", "mega")
    assert report.fields


def test_fidelity_heeds_what_the_target_connection_relocates(face):
    environ = {
        "LEADGATEWAY_M_VENDOR": "mega",
        "LEADGATEWAY_M_RELOCATE": '{"notes": "custom:notes"}',
    }
    gateway = face.gateway(environ=environ)

    def of_notes(target: str) -> list[Fidelity]:
        return [f.fidelity for f in gateway.fidelity("novala", target).fields if f.path == "notes"]

    assert of_notes("mega") == [Fidelity.DROPPED]
    assert of_notes("m") == [Fidelity.RELOCATED]


def test_fidelity_of_a_connection_that_is_configured_badly_names_the_setting(face):
    environ = {"LEADGATEWAY_MEGA_SOURCE_MAP": '{"x": "nowhere"}'}
    with pytest.raises(ConfigError, match="source_map"):
        face.gateway(environ=environ).fidelity("novala", "mega")


# Passthrough


@EACH
def test_a_request_of_ones_own_goes_out_with_the_auth_of_the_connection(face, site, vendor):
    here = site(vendor, leads=3)
    answer = face.at(here).request("get", LIST_PATH[vendor], params={PAGE_PARAM[vendor]: 2})
    assert answer.status == 200
    assert len(here.asked) == 1
    assert "limit=2" in here.asked[0]


def test_parameters_are_written_as_a_query_has_them(face, site):
    here = site("v1_leads")
    connection = face.at(here)
    connection.request("GET", "/api/v1/leads", params={"a b": True, "none": None, "n": 1.5})
    assert here.asked == ["GET /api/v1/leads?a%20b=true&n=1.5 400"]


def test_any_answer_to_a_request_of_ones_own_is_given_back(face, site):
    here = site("novala", leads=1)
    connection = face.at(here)
    assert connection.request("GET", "/nowhere").status == 404
    assert connection.request("DELETE", f"/api/v1/leads/{here.ids[0]}").status == 405
    refused = connection.request("POST", "/api/v1/leads", json={"shoe": 1})
    assert refused.status == 400
    assert refused.document().value


def test_a_write_of_ones_own_is_not_repeated(face, site):
    here = site("novala")
    here.fail(method="POST", times=None, status=503)
    assert face.at(here).request("POST", "/api/v1/leads", json={}).status == 503
    assert len(here.asked) == 1
    assert face.naps == []


def test_a_read_of_ones_own_is_repeated(face, site):
    here = site("novala")
    here.fail(method="GET", times=1, status=503)
    assert face.at(here).request("GET", "/api/v1/leads").status == 200
    assert len(face.naps) == 1


@pytest.mark.parametrize(
    "path",
    [
        "", "leads", "//evil.example/x", "/\\evil.example", "https://evil.example/", "@evil.test",
        "/a b", "/a\nb", "/../x", "/a/%2e%2e/b", "/ü", "/a?b=c", "/a#b", "/{id}", ".evil.example/",
    ],
)  # fmt: skip
def test_a_path_that_could_lead_elsewhere_is_refused_without_a_request(face, site, path):
    here = site("novala")
    with pytest.raises(ConfigError, match="path"):
        face.at(here).request("GET", path)
    assert here.asked == []


@pytest.mark.parametrize("method", ["", "GET /x HTTP/1.1\r\n", "G T", "gét"])
def test_a_method_that_is_none_is_refused_without_a_request(face, site, method):
    here = site("novala")
    with pytest.raises(ConfigError):
        face.at(here).request(method, "/api/v1/leads")
    assert here.asked == []


def test_requests_of_ones_own_say_what_repeating_them_would_do(face, site):
    here = site("novala")
    driver = face.driver(lambda request: (200, {}))
    connection = face.open("novala", driver=driver, **here.settings)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        connection.request(method, "/x")
    assert [request.effect for request in driver.sent] == [Effect.READ] * 2 + [Effect.ONCE] * 4


# Checking, changes, tokens, closing


@EACH
def test_check_tells_that_the_connection_works(face, site, vendor):
    here = site(vendor, leads=2)
    assert face.at(here).check()["reachable"] is True
    assert writes(here) == []


@EACH
def test_check_with_a_key_that_nobody_knows_is_an_auth_error(face, site, vendor):
    with pytest.raises(AuthError):
        face.at(site(vendor), token="nobody-knows-this").check()


def test_changes_are_listed_from_a_moment_on(face, site):
    here = site("v1_leads", leads=3)
    connection = face.at(here)
    for number, lead_id in enumerate(here.ids):
        connection.update_lead(lead_id, Lead(name=f"Bo {number}"))
    changes = list(connection.list_changes())
    assert sorted(change.lead_id for change in changes) == sorted(here.ids)
    later = datetime.now(UTC) + timedelta(days=1)
    assert list(connection.list_changes(since=later)) == []


def test_changes_are_refused_at_once_where_there_are_none_or_the_time_is_naive(face, site):
    here = site("v1_leads")
    with pytest.raises(ConfigError, match="since"):
        face.at(here).list_changes(since=datetime(2026, 1, 1))  # noqa: DTZ001  # a naive time on purpose
    with pytest.raises(Unsupported, match="changes"):
        face.at(site("novala")).list_changes()
    assert here.asked == []


def test_a_token_that_runs_out_is_asked_for_again_and_the_row_is_sent_again(face, site):
    here = site("apollo_space")
    tokens = iter([here.simulator.expired_token, here.simulator.sign_in(timedelta(hours=1))])
    connection = face.at(here, token=face.token_callable(lambda: next(tokens)))
    assert connection.create_lead(ana()).outcome is Outcome.CREATED
    assert connection.create_lead(ana(1)).outcome is Outcome.CREATED
    assert [call[-3:] for call in here.asked] == ["401", "201", "201"]


def test_a_plain_callable_serves_both_faces(face, site):
    here = site("apollo_space", leads=1)
    token = here.settings["token"]
    assert len(list(face.at(here, token=lambda: token).list_leads())) == 1
    assert len(list(face.at(here, token=SecretStr(token)).list_leads())) == 1


def test_a_token_that_cannot_be_renewed_is_an_auth_error_after_one_try(face, site):
    here = site("apollo_space")
    connection = face.at(here, token=face.token_callable(lambda: here.simulator.expired_token))
    with pytest.raises(AuthError, match="expired"):
        connection.create_lead(ana())
    assert len(here.asked) == 1


def test_a_callable_that_fails_is_an_auth_error_and_pulls_the_brake(face, site):
    here = site("apollo_space")

    def broken():
        raise OSError("the vault is closed: secret-canary")

    connection = face.at(here, token=face.token_callable(broken))
    with pytest.raises(AuthError, match="token failed: OSError") as error:
        connection.check()
    assert "canary" not in str(error.value)
    receipts = connection.create_many([ana(n) for n in range(3)], concurrency=1)
    assert {receipt.outcome for receipt in receipts} == {Outcome.FAILED}
    assert here.asked == []


@pytest.mark.parametrize("given", ["", "two words", "line\n", b"bytes", None])
def test_what_a_callable_returns_must_be_fit_for_a_header(face, site, given):
    here = site("apollo_space")
    connection = face.at(here, token=face.token_callable(lambda: given))
    with pytest.raises(ConfigError, match="token"):
        connection.check()
    assert here.asked == []


def test_a_connection_closes_its_driver_with_the_block(face, site):
    here = site("novala")
    driver = face.driver(lambda request: (200, {"data": [], "hasMore": False, "nextCursor": None}))
    with face.open("novala", driver=driver, **here.settings) as connection:
        assert list(connection.list_leads()) == []
        assert not driver.closed
    assert driver.closed


def test_what_a_connection_says_of_itself(face, site):
    here = site("novala")
    gateway = face.gateway(environ={"LEADGATEWAY_SHOP_VENDOR": "novala"})
    connection = face.open("shop", gateway=gateway, **here.settings)
    assert (connection.name, connection.vendor) == ("shop", "novala")
    assert Operation.GET in connection.capabilities.operations
    assert connection.opened.adapter.connection == "shop"
    assert here.settings["token"] not in repr(connection.opened)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"shoe_size": 3}, "shoe_size"),
        ({"status": 3}, "status"),
        ({"created_since": "2026-01-01"}, "created_since"),
        ({"created_since": datetime(2026, 1, 1)}, "created_since"),  # noqa: DTZ001  # naive on purpose
        ({"page_size": "10"}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"descending": "yes"}, "descending"),
    ],
)
def test_a_filter_that_is_none_or_of_the_wrong_type_is_named(face, site, arguments, named):
    with pytest.raises(ConfigError, match=named):
        face.at(site("v1_leads")).list_leads(**arguments)


@pytest.mark.parametrize("terms", [{"accept": "notes"}, {"accept": ["shoe"]}, {"force": True}])
def test_a_term_that_is_none_is_named(face, site, terms):
    with pytest.raises(ConfigError, match=next(iter(terms))):
        face.at(site("v1_leads")).preview(ana(), **terms)
