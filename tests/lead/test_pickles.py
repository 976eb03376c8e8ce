"""A lead and a receipt go to another process and come back the same."""

import pickle
from decimal import Decimal
from typing import Any

import pytest

from leadgateway import Lead
from leadgateway.adapter import LeadQuery, Outcome, Page, Receipt
from leadgateway.errors import FidelityError
from leadgateway.mapping import Field, RuleSet, Terms, Text
from leadgateway.values import Loss

LEAD = Lead(
    ref={"vendor": "acme", "connection": "here", "id": "7"},
    name="Ana Souza",
    company="Harbour",
    email="Ana@Example.com",
    phone="+55 11 96123-4567",
    status="qualified",
    source="referral",
    capture="form",
    stage={"slug": "won"},
    owner={"id": "o"},
    tags=["a"],
    value={"amount": "1.50", "currency": "EUR"},
    qualification={"timeline": "soon"},
    custom={"a": Decimal("1.10"), "b": ["x"], "c": None},
    created_at="2026-03-01T09:30:00Z",
    notes=None,
    raw={"id": 18446744073709551617, "deep": {"list": [1, {"y": Decimal("1.0")}]}},
)
LOSS = Loss.of("notes", "dropped", "no_such_field")
PROTOCOLS = pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))


def again(value: Any, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301  # our own


@PROTOCOLS
def test_a_lead_survives(protocol: int) -> None:
    found = again(LEAD, protocol)
    assert found == LEAD
    assert found.model_dump_json() == LEAD.model_dump_json()
    assert not found.knows("score")
    assert type(found.raw) is type(LEAD.raw)


@PROTOCOLS
def test_a_lead_that_was_read_survives(protocol: int) -> None:
    table = RuleSet("acme", (Field("notes", "memo", Text()),))
    lead = table.read({"id": "7", "memo": "x"}, Terms())
    assert again(lead, protocol) == lead


@PROTOCOLS
def test_what_a_call_returns_survives(protocol: int) -> None:
    made = Receipt(Outcome.CREATED, "7", LEAD, (LOSS,))
    refused = Receipt(Outcome.FAILED, losses=(LOSS,), error=FidelityError([LOSS]))
    page = Page((LEAD,), "next", 2)
    assert again(made, protocol) == made
    assert again(made, protocol).lead == LEAD
    assert str(again(refused, protocol).error) == str(refused.error)
    for value in (page, LeadQuery(status="new"), LOSS):
        assert again(value, protocol) == value
