"""Novala's table: the documented lead read, and every rule written."""

from __future__ import annotations

import pytest
from tests.adapters.conversation import utc
from tests.adapters.novala_account import AGENT, SHOWN, draft, losses, novala

from leadgateway import Lead
from leadgateway.errors import (
    MappingError,
)
from leadgateway.exchange import dumps
from leadgateway.mapping import disagreements
from leadgateway.mapping.leaves import take_apart
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus
from leadgateway.values import Coded, ExternalRef, Owner, PersonName


def test_the_documented_lead_reads_whole_and_without_an_issue() -> None:
    lead = novala().lead(SHOWN)
    assert lead.issues == ()
    assert dict(lead.raw) == SHOWN
    assert lead.ref == ExternalRef(vendor="novala", connection="novala", id=SHOWN["id"])
    assert lead.name == PersonName(full="Ines Okafor", given="Ines", family="Okafor")
    assert lead.email is not None
    assert lead.email.address == "ines@okafor.example"
    assert lead.phone is not None
    assert lead.phone.e164 == "+351210000111"
    assert lead.status == Coded[LeadStatus](value=LeadStatus.QUALIFYING, native="qualifying")
    assert lead.source == Coded[LeadSource](value=LeadSource.REFERRAL, native="referral")
    assert lead.capture == Coded[CaptureMethod](value=CaptureMethod.UNKNOWN)
    assert lead.intent == "Annual lift inspection"
    assert lead.custom == {"site_count": 4}
    assert lead.created_at == utc("2031-02-03T08:00:00+00:00")
    assert take_apart(lead)["company.name"] is None
    assert lead.knows("notes")
    assert lead.notes is None
    assert lead.knows("owner")
    assert lead.owner is None


def test_what_the_lead_object_does_not_show_is_unknown() -> None:
    lead = novala().lead(SHOWN)
    assert not any(map(lead.knows, ["updated_at", "score", "tags", "attribution", "line"]))


STATUSES = ["new", "contacted", "qualifying", "qualified", "converted", "disqualified", "lost"]


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_read_as_itself(status: str) -> None:
    lead = novala().lead({**SHOWN, "status": status})
    assert lead.status == Coded[LeadStatus](value=LeadStatus(status), native=status)


def test_an_unpublished_status_is_kept_and_not_guessed() -> None:
    lead = novala().lead({**SHOWN, "status": "snoozed"})
    assert lead.status == Coded[LeadStatus](value=LeadStatus.UNKNOWN, native="snoozed")


SOURCES = [
    ("web_form", LeadSource.WEBSITE, CaptureMethod.FORM),
    ("referral", LeadSource.REFERRAL, CaptureMethod.UNKNOWN),
    ("agent_chat", LeadSource.UNKNOWN, CaptureMethod.CHAT),
    ("inbound_call", LeadSource.UNKNOWN, CaptureMethod.PHONE_CALL),
    ("mcp", LeadSource.UNKNOWN, CaptureMethod.API),
    ("import", LeadSource.UNKNOWN, CaptureMethod.IMPORT),
]


@pytest.mark.parametrize(("word", "source", "capture"), SOURCES)
def test_one_source_word_is_two_axes_and_goes_back_as_it_came(
    word: str, source: LeadSource, capture: CaptureMethod
) -> None:
    adapter = novala()
    lead = adapter.lead({**SHOWN, "source": word})
    assert lead.source is not None
    assert lead.capture is not None
    assert (lead.source.value, lead.capture.value) == (source, capture)
    assert draft(adapter, lead).fields["source"] == word


@pytest.mark.parametrize(
    ("said", "word", "named"),
    [
        ({"source": "website"}, "web_form", {("capture", "narrowed", "says_more")}),
        ({"capture": "form"}, "web_form", {("source", "narrowed", "says_more")}),
        ({"capture": "chat"}, "agent_chat", {("capture", "narrowed", "says_more")}),
        ({"capture": "phone_call"}, "inbound_call", {("capture", "narrowed", "says_more")}),
        ({"capture": "api"}, "import", {("capture", "narrowed", "fallback")}),
        ({"source": "referral"}, "referral", set()),
        ({"capture": "import_"}, "import", set()),
    ],
)
def test_a_word_that_says_more_than_the_lead_is_named(
    said: dict[str, str], word: str, named: set[tuple[str, str, str]]
) -> None:
    adapter = novala(fallback_source="import", name_placeholder="-")
    written = draft(adapter, Lead(name=PersonName(full="A B", given="A", family="B"), **said))
    assert written.fields["source"] == word
    assert {(x.path, str(x.fidelity), x.reason) for x in written.losses} == named


def test_a_source_made_in_the_dashboard_is_kept_but_never_written() -> None:
    adapter = novala(source_map={"walk_in": "direct"})
    assert adapter.lead({**SHOWN, "source": "trade_fair"}).source == Coded[LeadSource](
        value=LeadSource.UNKNOWN, native="trade_fair"
    )
    lead = adapter.lead({**SHOWN, "source": "walk_in"})
    assert lead.source == Coded[LeadSource](value=LeadSource.DIRECT, native="walk_in")
    with pytest.raises(MappingError, match="name a fallback_source"):
        draft(adapter, lead)


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("email", 7, "emails"),
        ("phone", [], "phones"),
        ("customFields", "none", "custom"),
        ("assignedTo", 7, "owner"),
        ("createdAt", "yesterday", "created_at"),
        ("source", 7, "source"),
        ("firstName", 7, "name"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_and_kept_raw(
    field: str, value: object, path: str
) -> None:
    lead = novala().lead({**SHOWN, field: value})
    assert [issue.path for issue in lead.issues] == [path]
    assert dumps(lead.raw[field]) == dumps(value)


# Writing


def test_everything_a_create_takes_is_written() -> None:
    adapter = novala()
    lead = Lead(
        name=PersonName(full="Ines Okafor", given="Ines", family="Okafor"),
        company="Okafor Lifts",
        email="ines@okafor.example",
        phone="+351210000111",
        source="website",
        capture="form",
        owner=Owner(id=AGENT),
        intent="Inspection",
        notes="Gate code by phone",
        custom={"site_count": 4, "areas": ["lifts", "doors"], "urgent": False},
    )
    written = draft(adapter, lead)
    assert written.fields == {
        "firstName": "Ines",
        "lastName": "Okafor",
        "companyName": "Okafor Lifts",
        "email": "ines@okafor.example",
        "phone": "+351210000111",
        "source": "web_form",
        "assignedTo": AGENT,
        "intent": "Inspection",
        "notes": "Gate code by phone",
        "customFields": {"site_count": 4, "areas": ("lifts", "doors"), "urgent": False},
    }
    assert written.losses == ()
    assert disagreements(lead, adapter.table.arrival(written, adapter.settings), ()) == ()


def test_what_only_the_vendor_writes_is_a_loss_and_not_a_key() -> None:
    lead = Lead(name="Ines Okafor", source="referral", status="qualified", score=7, tags=("a",))
    written = draft(novala(), lead)
    assert set(written.fields) == {"firstName", "lastName", "source"}
    assert losses(novala(), lead) >= {
        ("status", Fidelity.DROPPED, "read_only"),
        ("score", Fidelity.DROPPED, "no_such_field"),
        ("tags", Fidelity.DROPPED, "no_such_field"),
    }


def test_names_are_held_to_255_characters() -> None:
    for length, lossy in ((255, False), (256, True)):
        name = PersonName(full=f"A {'b' * length}", given="A", family="b" * length)
        lead = Lead(name=name, source="referral", company="c" * length)
        written = draft(novala(), lead)
        assert len(written.fields["lastName"]) == 255
        assert len(written.fields["companyName"]) == 255
        narrowed = {loss.path for loss in written.losses if loss.reason == "too_long"}
        assert narrowed == ({"name", "company.name"} if lossy else set())


def test_a_phone_goes_in_any_spelling_up_to_50_characters() -> None:
    adapter = novala()
    extension = Lead(name="A B", source="referral", phone="+351 210 000 111 ext. 7")
    assert draft(adapter, extension).fields["phone"] == "+351210000111;ext=7"
    local = Lead(name="A B", source="referral", phone="21 000 0111")
    assert draft(adapter, local).fields["phone"] == "21 000 0111"


def test_one_word_is_no_name_until_the_connection_names_a_placeholder() -> None:
    lead = Lead(name="Madonna", source="referral")
    with pytest.raises(MappingError, match="part_missing"):
        draft(novala(), lead)
    adapter = novala(name_placeholder="-")
    written = draft(adapter, lead)
    assert (written.fields["firstName"], written.fields["lastName"]) == ("-", "Madonna")
    assert ("name", Fidelity.NORMALIZED, "placeholder") in losses(adapter, lead)
    found = adapter.table.arrival(written, adapter.settings).name
    assert found is not None
    assert found.full == "Madonna"


def test_a_lead_without_name_and_source_needs_the_connections_stand_ins() -> None:
    lead = Lead(email="ines@okafor.example")
    with pytest.raises(MappingError, match="firstName with lastName with source"):
        draft(novala(), lead)
    adapter = novala(name_placeholder="Unknown", fallback_source="import")
    assert draft(adapter, lead).fields == {
        "firstName": "Unknown",
        "lastName": "Unknown",
        "source": "import",
        "email": "ines@okafor.example",
    }
    assert losses(adapter, lead) == {
        ("name", Fidelity.NORMALIZED, "placeholder"),
        ("capture", Fidelity.NORMALIZED, "fallback"),
    }
    again = adapter.table.arrival(draft(adapter, lead), adapter.settings)
    assert again.name is None


def test_a_source_without_a_word_is_refused_or_takes_the_named_fallback() -> None:
    lead = Lead(name="Ines Okafor", source="paid_search", capture="form")
    with pytest.raises(MappingError, match="no_such_word: name a fallback_source"):
        draft(novala(), lead)
    adapter = novala(fallback_source="import")
    assert draft(adapter, lead).fields["source"] == "import"
    assert losses(adapter, lead) >= {
        ("source", Fidelity.NARROWED, "fallback"),
        ("capture", Fidelity.NARROWED, "fallback"),
    }


def test_a_source_may_be_kept_in_a_custom_field_beside_the_fallback() -> None:
    adapter = novala(fallback_source="import", relocate={"source": "custom:original_source"})
    lead = Lead(name="Ines Okafor", source="paid_search")
    written = draft(adapter, lead)
    assert written.fields["source"] == "import"
    assert set(written.fields["customFields"]) == {"original_source"}
    found = adapter.table.arrival(written, adapter.settings)
    assert found.source == lead.source


def test_an_owner_from_elsewhere_needs_the_owner_map() -> None:
    lead = Lead(
        ref=ExternalRef(vendor="other", connection="o", id="1"),
        name="Ines Okafor",
        source="referral",
        owner=Owner(id="77", email="agent@okafor.example"),
    )
    assert "assignedTo" not in draft(novala(), lead).fields
    mapped = novala(owner_map={"agent@okafor.example": AGENT})
    assert draft(mapped, lead).fields["assignedTo"] == AGENT


def test_an_owners_id_that_is_no_uuid_is_dropped_by_name() -> None:
    lead = Lead(name="Ines Okafor", source="referral", owner=Owner(id="77"))
    assert "assignedTo" not in draft(novala(), lead).fields
    assert ("owner", Fidelity.DROPPED, "not_a_uuid") in losses(novala(), lead)


def test_a_custom_key_that_is_no_slug_is_dropped_by_name_and_null_is_left_out() -> None:
    lead = Lead(
        name="Ines Okafor",
        source="referral",
        custom={"Site Count": 4, "site_count": 4, "ünit": 1, "empty": None},
    )
    assert draft(novala(), lead).fields["customFields"] == {"site_count": 4}
    assert losses(novala(), lead) >= {
        ("custom.Site Count", Fidelity.DROPPED, "not_a_slug"),
        ("custom.ünit", Fidelity.DROPPED, "not_a_slug"),
        ("custom.empty", Fidelity.NORMALIZED, "null_left_out"),
    }
    renamed = novala(custom_map={"Site Count": "sites"})
    assert draft(renamed, lead).fields["customFields"] == {"sites": 4, "site_count": 4}


def test_a_tenants_required_fields_are_checked_before_any_request() -> None:
    adapter = novala(required_custom_fields=["site_count", "region"], custom_map={"area": "region"})
    for custom in (None, {}, {"site_count": 4}, {"site_count": 4, "area": ""}, {"area": "x"}):
        lead = Lead(name="Ines Okafor", source="referral", custom=custom)
        with pytest.raises(MappingError, match=r"customFields\.site_count with customFields\.reg"):
            draft(adapter, lead)
    lead = Lead(name="Ines Okafor", source="referral", custom={"site_count": 0, "area": "x"})
    assert draft(adapter, lead).fields["customFields"] == {"site_count": 0, "region": "x"}


def test_a_relocated_value_can_be_the_required_one() -> None:
    adapter = novala(required_custom_fields=["score"], relocate={"score": "custom:score"})
    lead = Lead(name="Ines Okafor", source="referral", score=40)
    assert draft(adapter, lead).fields["customFields"] == {"score": "40"}
