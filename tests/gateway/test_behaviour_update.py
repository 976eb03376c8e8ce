"""Updating a lead: what differs from its base, and nothing else."""

import pytest
from tests.gateway.vendors import ana

from leadgateway.adapter import Outcome
from leadgateway.errors import FidelityError, Unsupported
from leadgateway.lead import Lead
from leadgateway.taxonomy import LeadStatus
from leadgateway.values import Coded, Stage


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


@pytest.mark.parametrize(
    "change", [{"stage": Stage(slug="won")}, {"status": Coded(value=LeadStatus.CONVERTED)}]
)
def test_a_lead_that_was_read_moves_to_another_stage_by_its_stage_or_by_its_status(
    face, site, change
):
    here = site("v1_leads", leads=3)
    connection = face.at(here)
    lead = next(one for one in connection.list_leads() if one.stage.slug != "won")
    receipt = connection.update_lead(lead.ref.id, lead.model_copy(update=change))
    assert (receipt.outcome, receipt.losses) == (Outcome.UPDATED, ())
    assert connection.get_lead(lead.ref.id).stage.slug == "won"


@pytest.mark.parametrize("field", ["stage", "status", "source"])
def test_what_cannot_be_emptied_is_said_and_not_skipped_over(face, site, field):
    here = site("v1_leads", leads=1)
    connection = face.at(here)
    lead = connection.get_lead(here.ids[0])
    with pytest.raises(FidelityError, match="clearing_undocumented"):
        connection.update_lead(lead.ref.id, lead.model_copy(update={field: None}))


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
