"""Vocabularies: many words are read as one value, one preferred word is written for it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, losses, table, wrote

from leadgateway import Lead
from leadgateway.mapping import (
    MISSING,
    Choice,
    Field,
    Joint,
    Limit,
    RuleSet,
    SourceAndCapture,
    Terms,
    Use,
)
from leadgateway.mapping.rules import Reading
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway.values import Coded

PLATFORMS = {
    "google_ads": LeadSource.PAID_SEARCH,
    "referral": LeadSource.REFERRAL,
    "hubspot": LeadSource.EXTERNAL_SYSTEM,
    "zoho": LeadSource.EXTERNAL_SYSTEM,
}
CLOSED = Choice(PLATFORMS, LeadSource.OTHER, preferred={LeadSource.EXTERNAL_SYSTEM: None})
OPEN = Choice(PLATFORMS, LeadSource.OTHER, open_ended=True)


def source(value: str, native: str | None = None) -> Lead:
    return Lead(source=Coded[LeadSource](value=LeadSource(value), native=native))


def of(choice: Choice, limit: Limit | None = None) -> RuleSet:
    return table(Field(choice.axis, "word", choice, on=EVERY_USE, limit=limit))


@pytest.mark.parametrize(
    ("choice", "lead", "terms", "word", "named"),
    [
        # A known value takes its word, whoever it came from.
        (CLOSED, source("paid_search"), {}, "google_ads", None),
        (CLOSED, source("paid_search", "google_ads"), {}, "google_ads", None),
        (CLOSED, source("paid_search", "bing_ads"), {}, "google_ads", ("normalized", "other_word")),
        # Its own word goes back verbatim, even where another would be preferred.
        (CLOSED, source("external_system", "zoho"), {}, "zoho", None),
        # No single word may stand for the value: nothing is invented.
        (CLOSED, source("external_system"), {}, None, ("dropped", "no_such_word")),
        (CLOSED, source("external_system", "kommo"), {}, None, ("dropped", "no_such_word")),
        # A word without a meaning here is never guessed, and never the last of the list.
        (CLOSED, source("other", "flyer"), {}, None, ("dropped", "no_such_word")),
        (CLOSED, source("unknown", "flyer"), {}, None, ("dropped", "no_such_word")),
        (CLOSED, source("partner"), {}, None, ("dropped", "no_such_word")),
        # The connection's fallback is used only where it is named, and is named in the losses.
        (CLOSED, source("partner"), {"fallback_source": "referral"}, "referral",
         ("narrowed", "fallback")),
        # The connection's maps win over the table, both ways.
        (CLOSED, source("partner"), {"source_out": {"partner": "referral"}}, "referral",
         ("narrowed", "reads_as_another")),
        (CLOSED, source("partner"), {"source_map": {"referral": "partner"}}, "referral", None),
        (CLOSED, source("referral"), {"source_map": {"referral": "partner"}}, None,
         ("dropped", "no_such_word")),
        (CLOSED, source("partner"), {"source_map": {"kommo": "partner"}}, None,
         ("dropped", "no_such_word")),
        # An open vocabulary takes the native text, else the canonical word.
        (OPEN, source("other", "flyer"), {}, "flyer", None),
        (OPEN, source("unknown", "flyer"), {}, "flyer", None),
        (OPEN, source("partner"), {}, "partner", None),
        (OPEN, source("partner", "Parceiro"), {}, "partner", ("normalized", "other_word")),
        (OPEN, source("partner"), {"source_map": {"Parceiro": "partner"}}, "Parceiro", None),
        # A text that means something else here arrives as something else, and a loss says so.
        (OPEN, source("unknown", "google_ads"), {}, "google_ads", ("narrowed", "reads_as_another")),
        (OPEN, source("partner"), {"source_map": {"partner": "event"}}, "partner",
         ("narrowed", "reads_as_another")),
    ],
)  # fmt: skip
def test_a_value_is_written_as(
    choice: Choice, lead: Lead, terms: dict[str, Any], word: str | None, named: Any
) -> None:
    draft = wrote(of(choice), lead, **terms)
    assert draft.fields.get("word") == word
    assert losses(draft) == ([] if named is None else [("source", *named)])


@pytest.mark.parametrize(
    ("choice", "word", "terms", "value"),
    [
        (CLOSED, "google_ads", {}, "paid_search"),
        (CLOSED, "zoho", {}, "external_system"),
        (CLOSED, "flyer", {}, "other"),
        (CLOSED, "partner", {}, "other"),
        (OPEN, "partner", {}, "partner"),
        (OPEN, "flyer", {}, "other"),
        (CLOSED, "flyer", {"source_map": {"flyer": "event"}}, "event"),
        (CLOSED, "zoho", {"source_map": {"zoho": "partner"}}, "partner"),
    ],
)
def test_a_word_is_read_as(choice: Choice, word: str, terms: dict[str, Any], value: str) -> None:
    lead = of(choice).read({"word": word}, Terms(**terms))
    assert lead.source == Coded[LeadSource](value=LeadSource(value), native=word)


def test_a_word_of_another_type_is_reported() -> None:
    lead = of(CLOSED).read({"word": 7}, Terms())
    assert not lead.knows("source")
    assert [(issue.path, issue.code, issue.detail) for issue in lead.issues] == [
        ("source", "wrong_type", "int")
    ]


def test_a_preferred_word_that_the_connection_reads_otherwise_is_not_preferred() -> None:
    choice = Choice(
        {"call": CaptureMethod.PHONE_CALL, "phone": CaptureMethod.PHONE_CALL},
        CaptureMethod.UNKNOWN,
        {CaptureMethod.PHONE_CALL: "phone"},
    )
    lead = Lead(capture="phone_call")
    assert wrote(of(choice), lead).fields == {"word": "phone"}
    draft = wrote(of(choice), lead, capture_map={"phone": "chat"})
    assert (draft.fields, draft.losses) == ({"word": "call"}, ())


def test_a_vague_value_is_its_native_word() -> None:
    choice = Choice({"none": LeadStatus.UNKNOWN}, LeadStatus.UNKNOWN)
    lead = Lead(status=Coded[LeadStatus](value=LeadStatus.UNKNOWN, native="Novo"))
    assert losses(wrote(of(choice), lead)) == [("status", "narrowed", "other_word")]


def test_a_word_too_long_is_cut_and_named() -> None:
    draft = wrote(of(OPEN, Limit(5)), source("other", "newsletter"))
    assert draft.fields == {"word": "newsl"}
    assert losses(draft) == [("source", "narrowed", "too_long")]


def test_a_choice_tells_what_it_reads_and_writes() -> None:
    terms = Terms(source_map={"flyer": LeadSource.EVENT}, source_out={LeadSource.PARTNER: "zoho"})
    assert CLOSED.readable("source", terms) == {
        "paid_search",
        "referral",
        "external_system",
        "event",
    }
    assert CLOSED.writable("source", terms) == {"paid_search", "referral", "partner"}
    assert OPEN.readable("source", terms) == frozenset(LeadSource)
    assert OPEN.writable("source", terms) == frozenset(LeadSource) - {"unknown"}
    assert CLOSED.conditions
    assert not OPEN.conditions
    assert [CLOSED.reads(word, terms) for word in ("zoho", "flyer", "kommo")] == [True, True, False]


# --- one word for source and capture -------------------------------------------------------------

SHARED = SourceAndCapture(
    "source",
    {
        "web_form": (LeadSource.WEBSITE, CaptureMethod.FORM),
        "referral": (LeadSource.REFERRAL, CaptureMethod.UNKNOWN),
        "agent_chat": (LeadSource.UNKNOWN, CaptureMethod.CHAT),
        "inbound_call": (LeadSource.UNKNOWN, CaptureMethod.PHONE_CALL),
        "mcp": (LeadSource.UNKNOWN, CaptureMethod.API),
        "import": (LeadSource.UNKNOWN, CaptureMethod.IMPORT),
    },
    narrower=frozenset({"inbound_call"}),
    verbatim=frozenset({"mcp"}),
)
BOTH = table(Joint(("source", "capture"), ("source",), SHARED, on=EVERY_USE))
DEMANDED = table(Joint(("source", "capture"), ("source",), SHARED, on=EVERY_USE, always=True))


def coded(
    source: str | None, capture: str | None, natives: tuple[str | None, str | None] = (None, None)
) -> Lead:
    fields: dict[str, Any] = {}
    if source is not None:
        fields["source"] = {"value": source, "native": natives[0]}
    if capture is not None:
        fields["capture"] = {"value": capture, "native": natives[1]}
    return Lead(**fields)


@pytest.mark.parametrize(
    ("word", "source", "capture"),
    [
        ("web_form", ("website", "web_form"), ("form", "web_form")),
        ("referral", ("referral", "referral"), ("unknown", None)),
        ("agent_chat", ("unknown", None), ("chat", "agent_chat")),
        ("inbound_call", ("unknown", None), ("phone_call", "inbound_call")),
        ("mcp", ("unknown", None), ("api", "mcp")),
        ("import", ("unknown", None), ("import_", "import")),
        ("carrier_pigeon", ("unknown", "carrier_pigeon"), ("unknown", None)),
    ],
)
def test_one_word_is_read_as_two_values(
    word: str, source: tuple[str, str | None], capture: tuple[str, str | None]
) -> None:
    lead = BOTH.read({"source": word}, Terms())
    assert lead.source is not None
    assert lead.capture is not None
    assert (lead.source.value, lead.source.native) == source
    assert (lead.capture.value, lead.capture.native) == capture


@pytest.mark.parametrize(
    ("lead", "terms", "word", "named"),
    [
        (coded("website", "form"), {}, "web_form", []),
        # A word that says more than the lead: of an axis that is open, or of the value itself.
        (coded("website", None), {}, "web_form", [("capture", "narrowed", "says_more")]),
        (coded("website", "unknown"), {}, "web_form", [("capture", "narrowed", "says_more")]),
        (coded(None, "form"), {}, "web_form", [("source", "narrowed", "says_more")]),
        (coded(None, "phone_call"), {}, "inbound_call", [("capture", "narrowed", "says_more")]),
        (coded(None, "phone_call", (None, "inbound_call")), {}, "inbound_call", []),
        (coded(None, "api"), {}, None, [("capture", "dropped", "no_such_word")]),
        (coded(None, "api", (None, "rest")), {"fallback_source": "import"}, "import",
         [("capture", "narrowed", "fallback")]),
        (coded(None, "api", (None, "mcp")), {}, "mcp", []),
        # Unless the connection says itself that it is the word.
        (coded(None, "api"), {"capture_out": {"api": "mcp"}}, "mcp", []),
        (coded(None, "phone_call"), {"capture_out": {"phone_call": "inbound_call"}},
         "inbound_call", []),
        (coded(None, "sms"), {"capture_map": {"inbound_call": "sms"}}, "inbound_call", []),
        (coded("referral", None), {}, "referral", []),
        (coded("unknown", "chat"), {}, "agent_chat", []),
        (coded("referral", "unknown"), {}, "referral", []),
        # Two words each say one of the values: the other is named as lost.
        (coded("referral", "chat"), {}, "referral",
         [("capture", "dropped", "one_word_for_two_axes")]),
        (coded("paid_search", "chat", ("google_ads", "chat")), {}, "agent_chat",
         [("source", "dropped", "one_word_for_two_axes"), ("capture", "normalized", "other_word")]),
        # A word that says anything against a known value is never written.
        (coded("paid_search", "form"), {}, None,
         [("source", "dropped", "no_such_word"), ("capture", "dropped", "no_such_word")]),
        (coded("paid_search", "form"), {"fallback_source": "import"}, "import",
         [("source", "narrowed", "fallback"), ("capture", "narrowed", "fallback")]),
        (coded("partner", None), {"fallback_source": "import"}, "import",
         [("source", "narrowed", "fallback"), ("capture", "normalized", "fallback")]),
        (coded("partner", None), {"fallback_source": "referral"}, "referral",
         [("source", "narrowed", "fallback")]),
        (coded("unknown", None, ("flyer", None)), {}, None,
         [("source", "dropped", "no_such_word")]),
        (coded("paid_search", "chat"), {"source_out": {"paid_search": "web_form"}}, "web_form",
         [("source", "dropped", "one_word_for_two_axes"),
          ("capture", "dropped", "one_word_for_two_axes")]),
        (coded(None, "email"), {"capture_out": {"email": "import"}}, "import",
         [("capture", "dropped", "one_word_for_two_axes")]),
        (coded("partner", None), {"source_map": {"referral": "partner"}}, "referral", []),
        (coded(None, "sms"), {"capture_map": {"agent_chat": "sms"}}, "agent_chat", []),
        # The words of a connection's map are read, but the vendor takes its own only.
        (coded("partner", None), {"source_map": {"kommo": "partner"}}, None,
         [("source", "dropped", "no_such_word")]),
    ],
)  # fmt: skip
def test_two_values_are_written_as_one_word(
    lead: Lead, terms: dict[str, Any], word: str | None, named: list[tuple[str, str, str]]
) -> None:
    draft = wrote(BOTH, lead, **terms)
    assert draft.fields.get("source") == word
    assert losses(draft) == named


def test_a_word_read_here_goes_back_verbatim() -> None:
    for word in SHARED.words:
        lead = BOTH.read({"source": word}, Terms())
        draft = wrote(BOTH, lead)
        assert draft.fields == {"source": word}
        assert draft.losses == ()


def test_of_two_words_with_one_meaning_the_leads_own_is_written() -> None:
    twins = SourceAndCapture(
        "source",
        dict.fromkeys(("widget", "whatsapp"), (LeadSource.UNKNOWN, CaptureMethod.CHAT)),
    )
    rules = table(Joint(("source", "capture"), ("source",), twins, on=EVERY_USE))
    draft = wrote(rules, rules.read({"source": "whatsapp"}, Terms()))
    assert (draft.fields, draft.losses) == ({"source": "whatsapp"}, ())
    assert wrote(rules, Lead(capture="chat")).fields == {"source": "widget"}


def test_null_and_absurd_words_say_nothing() -> None:
    empty = BOTH.read({"source": None}, Terms())
    assert empty.knows("source")
    assert empty.source is None
    assert empty.capture is None
    odd = BOTH.read({"source": ["web_form"]}, Terms())
    assert not odd.knows("source")
    assert [issue.code for issue in odd.issues] == ["wrong_type"]
    assert wrote(BOTH, empty).fields == {}
    assert losses(wrote(BOTH, empty, Use.UPDATE)) == [
        ("source", "dropped", "clearing_undocumented"),
        ("capture", "dropped", "clearing_undocumented"),
    ]


@pytest.mark.parametrize(
    ("word", "fields", "written", "named"),
    [
        # The word that stands there is as good as the other, so it stays.
        ("agent_chat", {"source": "referral"}, {},
         [("source", "dropped", "one_word_for_two_axes")]),
        ("referral", {"capture": "chat"}, {},
         [("capture", "dropped", "one_word_for_two_axes")]),
        ("agent_chat", {"source": "referral", "capture": None}, {"source": "referral"},
         [("capture", "dropped", "clearing_undocumented")]),
        # Nothing is written: the half that did not change is there still.
        ("web_form", {"source": "partner"}, {}, [("source", "dropped", "no_such_word")]),
        ("web_form", {"capture": "email"}, {}, [("capture", "dropped", "no_such_word")]),
        ("agent_chat", {"capture": None}, {}, [("capture", "dropped", "clearing_undocumented")]),
    ],
)  # fmt: skip
def test_a_change_of_source_or_capture_arrives_or_is_named(
    word: str, fields: dict[str, Any], written: dict[str, str], named: list[tuple[str, str, str]]
) -> None:
    base = {"source": word}
    change = {axis: getattr(Lead(**fields), axis) for axis in fields}
    draft = wrote(BOTH, BOTH.read(base, Terms()).model_copy(update=change), Use.UPDATE, base)
    assert draft.fields == written
    assert losses(draft) == named


def test_a_demanded_word_takes_the_fallback_where_nothing_is_known() -> None:
    assert wrote(DEMANDED, Lead()).fields == {}
    draft = wrote(DEMANDED, Lead(), fallback_source="import")
    assert draft.fields == {"source": "import"}
    assert losses(draft) == [("capture", "normalized", "fallback")]
    both = wrote(DEMANDED, Lead(), fallback_source="web_form")
    assert losses(both) == [
        ("source", "normalized", "fallback"),
        ("capture", "normalized", "fallback"),
    ]


def test_missing_is_not_null() -> None:
    assert repr(MISSING) == "MISSING"
    assert CLOSED.read(7, "source", Reading(Terms())) is MISSING
