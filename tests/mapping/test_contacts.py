"""People and the ways to reach them: names, addresses, numbers, owners."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, losses, table, wrote

from leadgateway import Lead
from leadgateway.mapping import (
    Codec,
    Email,
    Field,
    FullName,
    Limit,
    OwnerId,
    OwnerObject,
    Phone,
    Terms,
)
from leadgateway.values import ExternalRef, Owner, PersonName, PhoneNumber, PhoneValidity

ELSEWHERE = ExternalRef(vendor="elsewhere", connection="prod", id="1")
AT_HOME = ExternalRef(vendor="harbour", connection="prod", id="1")


def read(codec: Codec, path: str, native: Any, **terms: Any) -> Lead:
    return table(Field(path, "k", codec)).read({"k": native}, Terms(**terms))


def write(codec: Codec, path: str, lead: Lead, limit: Limit | None = None, **terms: Any) -> Any:
    draft = wrote(table(Field(path, "k", codec, on=EVERY_USE, limit=limit)), lead, **terms)
    return draft.fields.get("k"), [(fidelity, why) for _, fidelity, why in losses(draft)]


@pytest.mark.parametrize(
    ("name", "named"),
    [
        (PersonName(full="Ana Souza"), []),
        (PersonName(full="Ana Souza", given="Ana", family="Souza", inferred=True), []),
        (PersonName(full="Ana Souza", given="Ana", family="Souza"),
         [("normalized", "parts_joined")]),
        (PersonName(full="Mary Ann Lee", given="Mary Ann", family="Lee"),
         [("normalized", "parts_joined")]),
        (PersonName(full="Ana Lee Souza", given="Ana", family="Lee Souza"),
         [("narrowed", "parts_joined")]),
        (PersonName(full="Ana", given="Ana"), [("narrowed", "parts_joined")]),
        (PersonName(full="Dr. X", given="Ana", family="Souza"), [("narrowed", "parts_joined")]),
    ],
)  # fmt: skip
def test_explicit_parts_are_joined_and_that_is_named(name: PersonName, named: list[Any]) -> None:
    assert write(FullName(), "name", Lead(name=name)) == (name.full, named)


def test_a_name_is_read_whole_with_its_parts_inferred() -> None:
    lead = read(FullName(), "name", "Mary Ann van der Berg")
    assert lead.name == PersonName(
        full="Mary Ann van der Berg", given="Mary Ann", family="van der Berg", inferred=True
    )
    blank = read(FullName(), "name", " ")
    assert blank.name == PersonName(full=" ")
    assert [issue.code for issue in blank.issues] == ["empty"]
    assert not read(FullName(), "name", 7).knows("name")


@pytest.mark.parametrize(
    ("emails", "limit", "native", "named"),
    [
        (["ana@example.com"], None, "ana@example.com", []),
        (["Ana@Example.COM"], None, "Ana@example.com", [("normalized", "canonical_email")]),
        (["a@example.com", "b@example.com"], None, "a@example.com",
         [("narrowed", "only_the_primary")]),
        (["nonsense"], None, None, [("dropped", "invalid_email")]),
        (["nonsense", "b@example.com"], None, None,
         [("narrowed", "only_the_primary"), ("dropped", "invalid_email")]),
        (["ana@example.com"], Limit(15), "ana@example.com", []),
        (["ana@example.com"], Limit(10), None, [("dropped", "too_long")]),
    ],
)  # fmt: skip
def test_an_address_goes_as_it_can_be_sent_or_not_at_all(
    emails: list[str], limit: Limit | None, native: str | None, named: list[Any]
) -> None:
    assert write(Email(), "emails", Lead(emails=emails), limit) == (native, named)


def test_an_address_is_read_tolerantly() -> None:
    lead = read(Email(), "emails", "nonsense")
    assert lead.email is not None
    assert (lead.email.raw, lead.email.address) == ("nonsense", None)
    assert [issue.path for issue in lead.issues] == ["emails"]
    assert not read(Email(), "emails", ["a@example.com"]).knows("emails")


def phone(text: str, region: str | None = None) -> Lead:
    return table(Field("phones", "k", Phone())).read({"k": text}, Terms(region=region))


@pytest.mark.parametrize(
    ("lead", "any_text", "terms", "native", "named"),
    [
        (phone("+5511961234567"), False, {}, "+5511961234567", []),
        (phone("(11) 96123-4567", "BR"), False, {}, "+5511961234567", [("normalized", "e164")]),
        (phone("(11) 96123-4567"), False, {"region": "BR"}, "+5511961234567",
         [("normalized", "e164_by_region")]),
        (phone("(11) 96123-4567"), False, {}, None, [("dropped", "no_region")]),
        (phone("(11) 96123-4567"), True, {}, "(11) 96123-4567", []),
        (phone("+1 415 555 2671 x77"), False, {}, "+14155552671",
         [("normalized", "e164"), ("narrowed", "extension_dropped")]),
        (phone("+1 415 555 2671 x77"), True, {}, "+14155552671;ext=77",
         [("normalized", "e164"), ("narrowed", "extension_in_text")]),
        # The text that goes out is the one that came in.
        (phone("+14155552671;ext=77"), True, {}, "+14155552671;ext=77", []),
        (phone("+14155552671;ext=77"), False, {}, "+14155552671",
         [("normalized", "e164"), ("narrowed", "extension_dropped")]),
        (Lead(phones=(PhoneNumber(raw="+14155552671", e164="+14155552671", extension="77"),)),
         False, {}, "+14155552671", [("narrowed", "extension_dropped")]),
        (phone("415-555-2671 / 415-555-2672"), True, {}, None, [("dropped", "two_numbers")]),
        (phone("4155552671.0"), True, {}, None, [("dropped", "spreadsheet_number")]),
        (phone("n/a"), True, {}, None, [("dropped", "not_a_phone")]),
        (phone("12345"), True, {"region": "BR"}, "12345", []),
        (phone("+99 1234567"), True, {}, "+99 1234567", []),
        # Invalid where it came from, a number of somebody else where it goes.
        (phone("11 96123-4567", "US"), True, {"region": "BR"}, "11 96123-4567",
         [("narrowed", "read_by_region")]),
    ],
)  # fmt: skip
def test_a_number_is_written_as(
    lead: Lead, any_text: bool, terms: dict[str, Any], native: str | None, named: list[Any]
) -> None:
    assert write(Phone(any_text=any_text), "phones", lead, **terms) == (native, named)


def test_what_was_found_invalid_is_not_tried_again_in_another_region() -> None:
    refused = PhoneNumber(raw="(11) 96123-4567", validity=PhoneValidity.INVALID)
    assert write(Phone(), "phones", Lead(phones=[refused]), region="BR") == (
        None,
        [("dropped", "invalid")],
    )


def test_only_the_primary_number_goes() -> None:
    lead = Lead(phones=["+5511961234567", "+14155552671"])
    assert write(Phone(), "phones", lead) == ("+5511961234567", [("narrowed", "only_the_primary")])


def test_a_number_is_never_cut_into_another() -> None:
    long = Lead(phone="+99 1234567 or so")
    assert write(Phone(any_text=True), "phones", long, Limit(17))[0] == "+99 1234567 or so"
    assert write(Phone(any_text=True), "phones", long, Limit(10)) == (
        None,
        [("dropped", "too_long")],
    )
    extended = phone("+14155552671;ext=123456")
    assert write(Phone(any_text=True), "phones", extended, Limit(23))[0] == (
        "+14155552671;ext=123456"
    )
    assert write(Phone(any_text=True), "phones", extended, Limit(15)) == (
        "+14155552671",
        [("normalized", "e164"), ("narrowed", "extension_dropped")],
    )


def test_a_number_says_what_becomes_of_it() -> None:
    assert "extension dropped" in Phone().conditions
    assert "extension in the text" in Phone(any_text=True).conditions
    assert not read(Phone(), "phones", 5511961234567).knows("phones")


@pytest.mark.parametrize(
    ("ref", "owner", "owners", "native", "named"),
    [
        (None, Owner(id="u1"), {}, "u1", []),
        (AT_HOME, Owner(id="u1"), {}, "u1", []),
        (AT_HOME, Owner(id="u1", name="Bo"), {}, "u1", [("normalized", "only_the_id")]),
        (ELSEWHERE, Owner(id="u1"), {}, None, [("dropped", "owner_unmapped")]),
        (ELSEWHERE, Owner(id="u1"), {"u1": "o9"}, "o9", [("normalized", "owner_map")]),
        (
            ELSEWHERE,
            Owner(id="u1", email="bo@example.com"),
            {"u1": "o9", "bo@example.com": "o8"},
            "o8",
            [("normalized", "owner_map")],
        ),
        (None, Owner(name="Bo"), {}, None, [("dropped", "owner_unmapped")]),
        (None, Owner(name="Bo"), {"Bo": "o7"}, "o7", [("normalized", "owner_map")]),
    ],
)
def test_an_owner_of_another_system_needs_the_connections_map(
    ref: ExternalRef | None, owner: Owner, owners: dict[str, str], native: Any, named: list[Any]
) -> None:
    lead = Lead(ref=ref, owner=owner)
    assert write(OwnerId(), "owner", lead, owner_map=owners) == (native, named)


def test_an_owner_is_read_as_an_id_or_as_an_object() -> None:
    assert read(OwnerId(), "owner", "u1").owner == Owner(id="u1")
    assert not read(OwnerId(), "owner", {"id": "u1"}).knows("owner")
    whole = {"id": "u1", "name": "Bo", "role_name": "agent", "more": 1}
    shown = read(OwnerObject(), "owner", whole)
    assert (shown.owner, shown.issues) == (Owner(id="u1", name="Bo", role="agent"), ())
    assert read(OwnerObject(), "owner", {"id": "u1", "role_name": None}).issues == ()
    assert read(OwnerObject(), "owner", "u1").owner == Owner(id="u1")
    assert not read(OwnerObject(), "owner", 5).knows("owner")
    odd = read(OwnerObject(), "owner", {"id": 5, "name": "Bo"})
    assert odd.owner == Owner(name="Bo")
    assert [issue.code for issue in odd.issues] == ["partly_read"]
