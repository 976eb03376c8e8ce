"""The fields that a table of text can hold, and the words it is read by."""

from __future__ import annotations

from typing import Any

from leadgateway.files.amounts import flag, whole_number
from leadgateway.files.cells import (
    MoneyCells,
    OwnerCells,
    Parsed,
    SheetWord,
    TagCell,
    WholeMap,
)
from leadgateway.mapping import (
    CustomFields,
    Email,
    Field,
    Flag,
    FullName,
    Integer,
    Joint,
    Phone,
    RuleSet,
    Terms,
    Text,
    Timestamp,
)
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus

NOWHERE = " "
"""The key of a row's id: it has none of its own, and no header is a space."""

STATUS = SheetWord(
    {
        "open": LeadStatus.OPEN,
        "working": LeadStatus.OPEN,
        "in_progress": LeadStatus.OPEN,
        "active": LeadStatus.OPEN,
        "nurture": LeadStatus.NURTURING,
        "attempted_to_contact": LeadStatus.ATTEMPTING,
        "won": LeadStatus.CONVERTED,
        "closed_won": LeadStatus.CONVERTED,
        "customer": LeadStatus.CONVERTED,
        "closed_lost": LeadStatus.LOST,
        "unqualified": LeadStatus.DISQUALIFIED,
        "novo": LeadStatus.NEW,
        "qualificado": LeadStatus.QUALIFIED,
        "ganho": LeadStatus.CONVERTED,
        "perdido": LeadStatus.LOST,
    },
    LeadStatus.UNKNOWN,
    open_ended=True,
)

SOURCE = SheetWord(
    {
        "google_ads": LeadSource.PAID_SEARCH,
        "adwords": LeadSource.PAID_SEARCH,
        "meta_ads": LeadSource.PAID_SOCIAL,
        "facebook_ads": LeadSource.PAID_SOCIAL,
        "google_organic": LeadSource.ORGANIC_SEARCH,
        "web": LeadSource.WEBSITE,
        "web_site": LeadSource.WEBSITE,
        "newsletter": LeadSource.EMAIL_CAMPAIGN,
        "trade_show": LeadSource.EVENT,
        "cold_call": LeadSource.OUTBOUND,
        "indicacao": LeadSource.REFERRAL,
    },
    LeadSource.OTHER,
    open_ended=True,
)

CAPTURE = SheetWord(
    {
        "web_form": CaptureMethod.FORM,
        "phone": CaptureMethod.PHONE_CALL,
        "call": CaptureMethod.PHONE_CALL,
        "import": CaptureMethod.IMPORT,
        "imported": CaptureMethod.IMPORT,
    },
    CaptureMethod.UNKNOWN,
    open_ended=True,
)


def _whole(text: str, terms: Terms) -> Any:
    return whole_number(text, terms.setting("decimal_mark"))


def _flag(text: str, _terms: Terms) -> Any:
    return flag(text)


_CODECS = {
    "name": FullName(),
    **{f"company.{part}": Text() for part in ("name", "industry", "size")},
    "emails": Email(),
    "phones": Phone(any_text=True),
    "status": STATUS,
    **{f"stage.{part}": Text() for part in ("pipeline_id", "id", "slug", "name")},
    "source": SOURCE,
    "capture": CAPTURE,
    "score": Parsed(Integer(0, 100), _whole),
    "qualified": Parsed(Flag(), _flag),
    "tags": TagCell(),
    "intent": Text(),
    "notes": Text(),
    "line": Text(),
    "attribution": WholeMap(),
    **{
        f"qualification.{part}": Text()
        for part in ("pain_points", "timeline", "budget_range", "reasoning")
    },
    "qualification.completed_at": Timestamp(),
    "custom": CustomFields(lists=True),
    "created_at": Timestamp(),
    "updated_at": Timestamp(),
    "last_interaction_at": Timestamp(),
    "interaction_count": Parsed(Integer(0), _whole),
}

SHEET = RuleSet(
    "csv",
    (
        *(Field(path, path, codec) for path, codec in _CODECS.items()),
        Joint(("owner",), ("owner",), OwnerCells({"owner": "name"})),
        Joint(("value",), ("value",), MoneyCells({"value": ""})),
    ),
    NOWHERE,
)
"""Every field, each under its own name; the rules of one file are made from its header."""
