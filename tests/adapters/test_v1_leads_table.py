"""The v1 leads table: the documented records read, and every rule written."""

from __future__ import annotations

import pytest
from tests.adapters.conversation import utc
from tests.adapters.v1_leads_account import (
    CREATED,
    LEAD_ID,
    ON_CREATE,
    ON_UPDATE,
    RECORD,
    ROW,
    UPDATED,
    WHOLE,
    draft,
    losses,
    v1,
)

from leadgateway import Lead
from leadgateway.errors import (
    MappingError,
)
from leadgateway.exchange import dumps
from leadgateway.mapping import Use, disagreements
from leadgateway.mapping.leaves import take_apart
from leadgateway.taxonomy import Fidelity, LeadSource, LeadStatus
from leadgateway.values import Coded, Company, ExternalRef, Qualification, Stage


def test_the_documented_record_reads_whole_and_without_an_issue() -> None:
    lead = v1().lead(RECORD)
    assert lead.issues == ()
    assert dict(lead.raw) == RECORD
    assert lead.ref == ExternalRef(vendor="v1_leads", connection="v1_leads", id=LEAD_ID)
    assert lead.name is not None
    assert lead.name.full == "Sarah Mitchell"
    assert lead.email is not None
    assert lead.email.address == "sarah.mitchell@example.com"
    assert lead.company == Company(name=None, industry="residential", size=None)
    assert lead.source == Coded[LeadSource](value=LeadSource.PAID_SEARCH, native="google_ads")
    assert lead.status == Coded[LeadStatus](value=LeadStatus.QUALIFIED, native="qualified")
    assert lead.stage == Stage(slug="qualified")
    assert lead.score == 87
    assert lead.qualification == Qualification(
        pain_points="Water in the cellar",
        timeline="this_week",
        budget_range=None,
        reasoning="Urgent: a storm, and close by",
        completed_at=utc("2026-04-27T13:22:09.218+00:00"),
    )
    assert lead.created_at == utc("2026-04-27T13:22:05.114+00:00")
    assert lead.updated_at == utc("2026-04-27T13:22:09.218+00:00")
    assert not lead.knows("phones")


def test_a_row_without_the_qualification_leaves_it_unknown() -> None:
    for body in (ROW, CREATED, UPDATED):
        lead = v1().lead(body)
        assert lead.issues == ()
        assert not lead.knows("qualification")


def test_what_a_partial_answer_leaves_out_is_unknown_and_not_empty() -> None:
    leaves = take_apart(v1().lead(UPDATED))
    assert leaves["company.name"] is None
    assert not {"company.industry", "company.size", "created_at"} & set(leaves)
    assert leaves["score"] == 92


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("new", LeadStatus.NEW),
        ("qualified", LeadStatus.QUALIFIED),
        ("won", LeadStatus.CONVERTED),
        ("site visit", LeadStatus.UNKNOWN),
        ("lost", LeadStatus.LOST),
    ],
)
def test_a_stage_is_a_status_where_it_is_known_and_goes_back_as_it_came(
    stage: str, status: LeadStatus
) -> None:
    lead = v1().lead({**ROW, "pipeline_stage": stage})
    assert lead.status == Coded[LeadStatus](value=status, native=stage)
    assert lead.stage == Stage(slug=stage)
    assert draft(lead).fields["pipeline_stage"] == stage


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("google_ads", LeadSource.PAID_SEARCH),
        ("meta_ads", LeadSource.PAID_SOCIAL),
        ("google_organic", LeadSource.ORGANIC_SEARCH),
        ("direct", LeadSource.DIRECT),
        ("referral", LeadSource.REFERRAL),
        ("website", LeadSource.WEBSITE),
        ("hubspot", LeadSource.EXTERNAL_SYSTEM),
        ("event", LeadSource.EVENT),
        ("yard_sign", LeadSource.OTHER),
    ],
)
def test_a_source_word_is_read_where_it_is_known_and_goes_back_as_it_came(
    word: str, source: LeadSource
) -> None:
    lead = v1().lead({**ROW, "source": word})
    assert lead.source == Coded[LeadSource](value=source, native=word)
    assert draft(lead).fields["source"] == word


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("company_size", 40, "company.size"),
        ("budget_range", {"from": 1}, "qualification.budget_range"),
        ("lead_score", 101, "score"),
        ("lead_score", "87", "score"),
        ("pipeline_stage", 3, "status"),
        ("created_at", "27/04/2026", "created_at"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_and_kept_raw(
    field: str, value: object, path: str
) -> None:
    lead = v1().lead({**RECORD, field: value})
    assert [issue.path for issue in lead.issues] == [path]
    assert dumps(lead.raw[field]) == dumps(value)


def test_a_size_in_words_is_read() -> None:
    lead = v1().lead({**RECORD, "company_size": "11-50"})
    assert lead.company is not None
    assert lead.company.size == "11-50"
    assert lead.issues == ()


# Writing


def test_a_create_holds_the_six_fields_shown_and_names_the_rest() -> None:
    assert draft(WHOLE).fields == ON_CREATE
    not_yet = {path for path, kind, reason in losses(WHOLE) if reason == "not_on_create"}
    assert not_yet == {
        "company.size",
        "score",
        "qualification.pain_points",
        "qualification.timeline",
        "qualification.budget_range",
        "qualification.reasoning",
    }
    assert ("qualification.completed_at", Fidelity.DROPPED, "read_only") in losses(WHOLE)


def test_an_update_holds_the_whole_whitelist_and_nothing_else() -> None:
    written = draft(WHOLE, Use.UPDATE)
    assert written.fields == ON_UPDATE
    assert {loss.path for loss in written.losses} == {"qualification.completed_at"}
    found = v1().table.arrival(written, v1().settings)
    assert disagreements(WHOLE, found, written.losses) == ()


def test_an_update_with_a_base_holds_what_differs() -> None:
    adapter = v1()
    lead = adapter.lead(RECORD)
    same = adapter.table.write(lead, Use.UPDATE, adapter.settings, base=RECORD)
    assert same.fields == {}
    won = lead.model_copy(update={"score": 92})
    assert adapter.table.write(won, Use.UPDATE, adapter.settings, base=RECORD).fields == {
        "lead_score": 92
    }


def test_clearing_is_not_documented_and_never_sent() -> None:
    lead = Lead(email="a@b.example", company=Company(industry=None), qualification=None)
    assert draft(lead, Use.UPDATE).fields == {"email": "a@b.example"}
    assert ("company.industry", Fidelity.DROPPED, "clearing_undocumented") in losses(
        lead, Use.UPDATE
    )


@pytest.mark.parametrize(
    ("lead", "fits"),
    [
        (Lead(email="a@b.example"), True),
        (Lead(name="Ana Souza", company="Souza"), True),
        (Lead(name="Ana Souza"), False),
        (Lead(company="Souza"), False),
        (Lead(phone="+5511961234567"), False),
        (Lead(name="Ana Souza", email="not an address"), False),
        (Lead(), False),
    ],
)
def test_a_create_needs_an_email_or_a_name_with_a_company(lead: Lead, fits: bool) -> None:
    if fits:
        draft(lead)
        return
    with pytest.raises(MappingError, match="needs email, or name with company"):
        draft(lead)


def test_a_phone_has_no_place_and_is_never_hidden_elsewhere() -> None:
    lead = Lead(email="a@b.example", phone="+5511961234567", custom={"a": 1}, tags=("x",))
    assert draft(lead).fields == {"email": "a@b.example"}
    for path in ("phones", "custom", "tags"):
        assert (path, Fidelity.DROPPED, "no_such_field") in losses(lead)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (Coded[LeadSource](value=LeadSource.PAID_SEARCH), "paid_search"),
        (Coded[LeadSource](value=LeadSource.PAID_SEARCH, native="google_ads"), "google_ads"),
        (Coded[LeadSource](value=LeadSource.EXTERNAL_SYSTEM, native="hubspot"), "hubspot"),
        (Coded[LeadSource](value=LeadSource.EXTERNAL_SYSTEM, native="kommo"), "external_system"),
        (Coded[LeadSource](value=LeadSource.EVENT), "event"),
        (Coded[LeadSource](value=LeadSource.OTHER, native="yard_sign"), "yard_sign"),
        (Coded[LeadSource](value=LeadSource.REFERRAL), "referral"),
    ],
)
def test_a_source_is_written_in_its_own_words_and_never_made_finer(
    source: Coded[LeadSource], word: str
) -> None:
    lead = Lead(email="a@b.example", source=source)
    assert draft(lead).fields["source"] == word
    found = v1().table.arrival(draft(lead), v1().settings)
    assert disagreements(lead, found, ()) == ()


def test_a_status_is_written_as_the_stage_shown_for_it() -> None:
    assert draft(Lead(email="a@b.example", status="converted")).fields["pipeline_stage"] == "won"
    assert draft(Lead(email="a@b.example", status="lost")).fields["pipeline_stage"] == "lost"
    mapped = v1(status_out={"converted": "closed won"}, status_map={"closed won": "converted"})
    lead = Lead(email="a@b.example", status="converted")
    assert draft(lead, adapter=mapped).fields["pipeline_stage"] == "closed won"
