"""Arbitrary Leads: every field absent, known to be empty, or holding plain and odd values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from tests.laws.json_values import JSON_VALUES, SCALARS, TEXTS

from leadgateway import Lead
from leadgateway.normalize import tolerant
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway.values import (
    Coded,
    Company,
    EmailAddress,
    ExternalRef,
    Issue,
    Money,
    Owner,
    PersonName,
    Qualification,
    Stage,
)

WORDS = st.one_of(
    st.sampled_from(
        [
            *("google_ads", "meta_ads", "google_organic", "direct", "referral", "hubspot"),
            *("salesforce", "website", "web_form", "agent_chat", "inbound_call", "mcp", "import"),
            *("form", "phone_call", "email", "chat", "sms", "manual", "active", "won", "lost"),
            *("nurture", "archived", "new", "contacted", "qualifying", "qualified", "converted"),
            *("disqualified", "unknown", "other", "open", "paid_search", "external_system"),
            *("Ganhou", "kommo", "bing_ads"),
        ]
    ),
    TEXTS,
)
VENDORS = ("apollo_space", "mega", "novala", "v1_leads", "harbour", "summit", "elsewhere")

REFS = st.one_of(
    st.none(),
    st.builds(
        ExternalRef,
        vendor=st.sampled_from(VENDORS),
        connection=st.sampled_from(["prod", "staging"]),
        id=st.sampled_from(["1", "5b0c2f1e-6d1a-4f0e-9a55-0d6a1c7e4b21", "18446744073709551617"]),
    ),
)

NAME_TEXTS = st.one_of(
    st.sampled_from(
        [
            "Ana Souza",
            "Mary Ann van der Berg",
            "Cher",
            "  Ana   Souza ",
            "O'Brien",
            "山田 太郎",
            "José Ortega y Gasset",
            "Smith, John",
            "Ana -",
            "- Souza",
            "Ana -- Souza",
            "",
        ]
    ),
    TEXTS,
)
PARTS = st.one_of(
    st.none(), st.sampled_from(["Ana", "Mary Ann", "van der Berg", "Souza", "-"]), TEXTS
)
NAMES = st.one_of(
    NAME_TEXTS.map(lambda text: tolerant.name(text, [])),
    st.builds(
        lambda given, family: PersonName(
            full=" ".join(part for part in (given, family) if part is not None),
            given=given,
            family=family,
        ),
        PARTS,
        PARTS,
    ),
    st.builds(PersonName, full=NAME_TEXTS, given=PARTS, family=PARTS, inferred=st.booleans()),
)

EMAILS = st.one_of(
    st.sampled_from(
        [
            "ana@example.com",
            "ANA.Souza+crm@Example.COM",
            "o'brien@example.org",
            " spaced@example.com ",
            "ana@bücher.example",
            "josé@example.com",
            "not an address",
            "a@b.example, c@d.example",
            "",
            f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example",
        ]
    ),
    TEXTS,
).map(lambda text: tolerant.email(text, [])) | st.just(
    EmailAddress(raw="Ana <ana@example.com>", address="ana@example.com", key="ana@example.com")
)

PHONES = st.builds(
    lambda text, region: tolerant.phone(text, region, []),
    st.one_of(
        st.sampled_from(
            [
                "+5511961234567",
                "(11) 96123-4567",
                "+1 415 555 2671 ext. 77",
                "+14155552671;ext=77",
                "415-555-2671",
                "+1 900 555 0123",
                "020 8366 1177",
                "+44 20 8366 1177",
                "415-555-2671 / 415-555-2672",
                "4155552671.0",
                "n/a",
                "1-800-FLOWERS",
                "+39 06 6982",
                "+1415555267",
                "9" * 60,
                "",
            ]
        ),
        TEXTS,
    ),
    st.sampled_from([None, "BR", "US", "GB"]),
)

MONEY = st.builds(
    Money,
    amount=st.one_of(
        st.decimals(-(10**9), 10**9, places=2),
        st.sampled_from(
            [
                Decimal(0),
                Decimal("-0"),
                Decimal("1999.99"),
                Decimal("0.001"),
                Decimal("1E+3"),
                Decimal("12345678901234567890123456789012345678.90"),
                Decimal("12345678901234567890123456789.999"),
                Decimal("1E+5000"),
                Decimal("1E-5000"),
            ]
        ),
    ),
    currency=st.sampled_from([None, "EUR", "BRL", "USD"]),
)

INSTANTS = st.one_of(
    st.sampled_from(
        [
            datetime(2026, 7, 3, 12, tzinfo=UTC),
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        ]
    ),
    st.datetimes(timezones=st.just(UTC)),
)

MAYBE_TEXT = st.one_of(st.none(), TEXTS)
SLUGS = st.one_of(st.sampled_from(["budget", "colour", "lead_line", "intent", "score"]), TEXTS)
CUSTOM_VALUES = st.one_of(SCALARS, st.lists(TEXTS, max_size=3))
CUSTOM = st.dictionaries(SLUGS, CUSTOM_VALUES, max_size=4)


def _some(kind: type, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=parts).map(lambda given: kind(**given))


def _coded(vocabulary: type) -> st.SearchStrategy[Any]:
    return st.builds(
        Coded[vocabulary],  # type: ignore[valid-type]
        value=st.sampled_from(vocabulary),
        native=st.one_of(st.none(), WORDS),
    )


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": NAMES,
    "company": _some(Company, name=MAYBE_TEXT, industry=MAYBE_TEXT, size=MAYBE_TEXT),
    "emails": st.lists(EMAILS, max_size=3).map(tuple),
    "phones": st.lists(PHONES, max_size=3).map(tuple),
    "status": _coded(LeadStatus),
    "stage": _some(
        Stage,
        pipeline_id=MAYBE_TEXT,
        id=MAYBE_TEXT,
        slug=st.one_of(st.none(), WORDS),
        name=MAYBE_TEXT,
    ),
    "source": _coded(LeadSource),
    "capture": _coded(CaptureMethod),
    "score": st.integers(0, 100),
    "qualified": st.booleans(),
    "owner": _some(Owner, id=MAYBE_TEXT, name=MAYBE_TEXT, email=MAYBE_TEXT, role=MAYBE_TEXT),
    "tags": st.lists(st.one_of(TEXTS, SLUGS.map(lambda slug: f"{slug}=x")), max_size=4).map(tuple),
    "value": MONEY,
    "intent": TEXTS,
    "notes": st.one_of(TEXTS, SLUGS.map(lambda slug: f"before\n[{slug}] x")),
    "line": st.sampled_from(["buyer", "seller", "tenant"]),
    "attribution": st.dictionaries(SLUGS, SCALARS, max_size=2),
    "qualification": _some(
        Qualification,
        pain_points=MAYBE_TEXT,
        timeline=MAYBE_TEXT,
        budget_range=MAYBE_TEXT,
        reasoning=MAYBE_TEXT,
        completed_at=st.one_of(st.none(), INSTANTS),
    ),
    "custom": CUSTOM,
    "created_at": INSTANTS,
    "updated_at": INSTANTS,
    "last_interaction_at": INSTANTS,
    "interaction_count": st.integers(-5, 10**30),
}

LEADS: st.SearchStrategy[Lead] = st.fixed_dictionaries(
    {},
    optional={
        "ref": REFS,
        **{field: st.one_of(st.none(), values) for field, values in FIELDS.items()},
        "raw": st.dictionaries(TEXTS, JSON_VALUES, max_size=2),
        "issues": st.just((Issue(path="notes", code="wrong_type"),)),
    },
).map(lambda fields: Lead(**fields))
