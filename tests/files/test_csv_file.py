"""A table of text as a source of leads: what its cells become, over both faces."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.files.rows import codes, only

from leadgateway import Lead
from leadgateway.errors import ConfigError, Unsupported
from leadgateway.files.csv_file import CsvFile
from leadgateway.files.headers import Proposal
from leadgateway.files.settings import CsvSettings
from leadgateway.mapping import Use
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway.values import Money, Owner, PhoneValidity

FULL = """\
Lead ID;First Name;Last Name;E-mail;Work email;Mobile;Company;Status;Source;Capture;Score;\
Qualified;Owner;Owner Email;Tags;Deal Value;Notes;UTM Source;Budget;Created;Interactions;Shoe size
7;Ana;Souza;ANA@Example.COM;ana@work.example;(11) 96123-4567;ACME;In progress;Google Ads;Import;\
85;yes;Bia;bia@example.com;"vip; hot";R$ 1.999,90;likes it;news;10k;2024-01-02 10:00;3;42
"""


def test_every_kind_of_column_is_read(sheet):
    lead = only(sheet(FULL, region="BR", zone="America/Sao_Paulo"))
    assert codes(lead) == []
    assert (lead.ref.vendor, lead.ref.connection, lead.ref.id) == ("csv", "leads.csv", "7")
    assert (lead.name.full, lead.name.given, lead.name.family) == ("Ana Souza", "Ana", "Souza")
    assert not lead.name.inferred
    assert [each.address for each in lead.emails] == ["ANA@example.com", "ana@work.example"]
    assert lead.phone.e164 == "+5511961234567"
    assert lead.company.name == "ACME"
    assert (lead.status.value, lead.status.native) == (LeadStatus.OPEN, "In progress")
    assert lead.source.value is LeadSource.PAID_SEARCH
    assert lead.capture.value is CaptureMethod.IMPORT
    assert (lead.score, lead.qualified, lead.interaction_count) == (85, True, 3)
    assert lead.owner == Owner(name="Bia", email="bia@example.com")
    assert lead.tags == ("vip", "hot")
    assert lead.value == Money(amount=Decimal("1999.90"), currency="BRL")
    assert lead.notes == "likes it"
    assert lead.attribution == {"utm_source": "news"}
    assert lead.qualification.budget_range == "10k"
    assert lead.created_at == datetime(2024, 1, 2, 13, tzinfo=UTC)
    assert lead.custom == {"shoe_size": "42"}
    assert lead.raw["Deal Value"] == "R$ 1.999,90"


def test_blank_cells_are_known_to_be_empty_and_missing_columns_are_unknown(sheet):
    header = FULL.splitlines()[0]
    row = "x" + ";" * header.count(";")
    lead = only(sheet(f"{header}\n{row}\n"))
    for field in ("name", "emails", "phones", "status", "owner", "tags", "value", "score"):
        assert lead.knows(field)
        assert getattr(lead, field) is None
    assert lead.company.name is None
    assert lead.custom == {"shoe_size": None}
    assert lead.attribution == {"utm_source": None}
    assert not lead.knows("intent")
    assert codes(lead) == []


@pytest.mark.parametrize(
    ("column", "cell", "issue"),
    [
        ("score", "many", ("score", "not_a_number")),
        ("score", "101", ("score", "out_of_range")),
        ("score", "1.001", ("score", "ambiguous_number")),
        ("qualified", "perhaps", ("qualified", "neither_yes_nor_no")),
        ("value", "lots", ("value", "not_a_number")),
        ("created", "yesterday", ("created_at", "not_an_instant")),
        ("created", "2024-01-02 10:00", ("created_at", "naive")),
    ],
)
def test_a_cell_that_does_not_fit_is_an_issue_and_stays_in_raw(sheet, column, cell, issue):
    lead = only(sheet(f"name;{column}\nAna;{cell}\n"))
    assert codes(lead) == [issue]
    assert lead.raw[column] == cell
    assert cell not in repr(lead.issues)
    assert lead.name.full == "Ana"


def test_settings_of_the_sheet(sheet):
    lead = only(
        sheet(
            "name;tags;value;currency;score\nAna;a,b/c;1.500;CHF;1.0\n",
            tags_separator="/",
            decimal_mark=",",
            currency="USD",
        )
    )
    assert lead.tags == ("a,b", "c")
    assert lead.value == Money(amount=Decimal(1500), currency="CHF")
    assert codes(lead) == [("score", "not_a_number")]


def test_a_currency_without_an_amount_and_a_connections_own_currency(sheet):
    first, second = sheet("value,currency\n,EUR\n5,\n", currency="USD").list_leads()
    assert (first.value, codes(first)) == (None, [("value", "currency_without_amount")])
    assert second.value == Money(amount=Decimal(5), currency="USD")


def test_a_currency_alone_says_nothing_of_the_value(sheet):
    lead = only(sheet("name,currency\nAna,EUR\n"))
    assert not lead.knows("value")
    assert codes(lead) == [("value", "currency_without_amount")]


def test_names_in_one_column_in_two_or_in_both(sheet):
    both = sheet("name,first name,last name\nAna M. Souza,Ana,Souza\nCher,,\n,,Lima\n,,\nx,y\n")
    found = [lead.name for lead in both.list_leads()]
    assert [name and (name.full, name.given, name.family, name.inferred) for name in found] == [
        ("Ana M. Souza", "Ana", "Souza", False),
        ("Cher", None, "Cher", True),
        ("Lima", None, "Lima", False),
        ("x", "y", None, False),
    ]


def test_words_are_read_whatever_their_case_and_kept_as_typed(sheet):
    found = sheet("status\nqualified\nQUALIFIED\nClosed Won\nwhatever\n").list_leads()
    assert [(lead.status.value, lead.status.native) for lead in found] == [
        (LeadStatus.QUALIFIED, "qualified"),
        (LeadStatus.QUALIFIED, "QUALIFIED"),
        (LeadStatus.CONVERTED, "Closed Won"),
        (LeadStatus.UNKNOWN, "whatever"),
    ]


def test_phones_of_any_kind_are_kept(sheet):
    found = [lead.phone for lead in sheet("phone\n020 8366 1177\nask me\n").list_leads()]
    assert [each.validity for each in found] == [PhoneValidity.NO_REGION, PhoneValidity.NOT_A_PHONE]
    assert [each.raw for each in found] == ["020 8366 1177", "ask me"]


def test_columns_may_be_chosen_and_are_shown_with_reasons(sheet, face):
    connection = sheet(
        "Firm,Code,Junk,Name\nACME,9,zzz,Ana\n",
        columns={"Firm": "company", "Code": "id", "Junk": ""},
    )
    lead = only(connection)
    assert (lead.company.name, lead.ref.id, lead.custom) == ("ACME", "9", None)
    assert lead.raw["Junk"] == "zzz"
    shown = connection.run(connection.opened.adapter.columns())
    assert shown["Firm"] == Proposal("company", "as configured")
    assert shown["Name"] == Proposal("name", "by its header")


def test_a_table_of_text_is_not_written(sheet):
    connection = sheet("name\nAna\n")
    with pytest.raises(Unsupported, match="jsonl"):
        connection.create_lead(Lead(name="Ana"))
    with pytest.raises(Unsupported, match="jsonl"):
        connection.create_many([Lead(name="Ana")])
    adapter = connection.opened.adapter
    draft = adapter.table.write(Lead(name="Ana"), Use.CREATE, adapter.settings)
    assert dict(draft.fields) == {}
    with pytest.raises(Unsupported):
        adapter.create(draft, None)


def test_cells_are_read_only():
    from leadgateway.mapping import MISSING
    from leadgateway.mapping.rules import Writing

    adapter = CsvFile(CsvSettings(file="x.csv"))
    lead = Lead(tags=("a",))
    writing = Writing(Use.CREATE, adapter.settings, "csv", lead)
    assert adapter.table.by_path["tags"].codec.write(("a",), "tags", None, writing) is MISSING
    assert [str(loss) for loss in writing.losses] == ["tags: dropped, read_only"]


def test_check_says_what_is_there(sheet):
    assert dict(sheet("name\n").check()) == {"reachable": True, "exists": True, "bytes": 5}


def test_a_request_of_ones_own_has_nowhere_to_go(sheet):
    with pytest.raises(ConfigError):
        sheet("name\n").request("GET", "/x")
