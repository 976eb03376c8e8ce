"""The closer look: what agrees as far as a reader can tell, and yet is not where it was."""

from decimal import Decimal

import pytest

from leadgateway.lead import Lead
from leadgateway.mapping.leaves import agree, kept, spread
from leadgateway.values import Money, PersonName, PhoneNumber

APART = PersonName(full="Ana de Souza", given="Ana de", family="Souza")
JOINED = PersonName(full="Ana de Souza", given="Ana", family="de Souza", inferred=True)
NUMBER = PhoneNumber(raw="+1 212-555-0100 x7", e164="+12125550100", extension="7")


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (APART, JOINED),
        (Money(amount=Decimal(5), currency="BRL"), Money(amount=Decimal(5))),
        ((NUMBER,), (NUMBER.model_copy(update={"raw": "+12125550100;ext=7"}),)),
    ],
    ids=["name parts", "currency", "extension"],
)
def test_what_agrees_need_not_be_kept(sent, found):
    assert agree(sent, found)
    assert not kept(sent, found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (JOINED, APART),
        (PersonName(full="Ana de Souza"), JOINED),
        (APART, APART.model_copy(update={"inferred": True})),
        (Money(amount=Decimal(5)), Money(amount=Decimal(5), currency="BRL")),
        ((NUMBER,), (NUMBER.model_copy(update={"raw": "+12125550100"}),)),
        ((), None),
        (("a", "b"), ("a", "b")),
        (None, ()),
        (1, 1.0),
        (Decimal("1.50"), 1.5),
    ],
)
def test_what_says_no_less_is_kept(sent, found):
    assert kept(sent, found)


@pytest.mark.parametrize(
    ("sent", "found"), [("a", "b"), ("a", None), (("a", "b"), ("a",)), (1, True), (None, "a")]
)
def test_what_does_not_agree_is_not_kept(sent, found):
    assert not kept(sent, found)


def test_entries_of_maps_have_paths_of_their_own():
    lead = Lead(custom={"a": 1, "b": None}, attribution={"c": "x"}, notes=None, company="Acme")
    assert spread(lead) == {
        "custom.a": 1, "custom.b": None, "attribution.c": "x", "notes": None,
        "company.name": "Acme",
    }  # fmt: skip
    assert spread(Lead(custom={})) == {}
    assert spread(Lead(custom=None)) == {"custom": None}
