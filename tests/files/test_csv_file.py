"""A table of text as a source of leads, over both faces."""

import asyncio
import os
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgateway import Lead
from leadgateway.errors import ConfigError, CursorError, Unsupported
from leadgateway.files import CsvSettings
from leadgateway.files.csv_file import CsvFile
from leadgateway.files.headers import Proposal
from leadgateway.gateway import Gateway
from leadgateway.mapping import Use
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway.values import Money, Owner, PhoneValidity

FULL = """\
Lead ID;First Name;Last Name;E-mail;Work email;Mobile;Company;Status;Source;Capture;Score;\
Qualified;Owner;Owner Email;Tags;Deal Value;Notes;UTM Source;Budget;Created;Interactions;Shoe size
7;Ana;Souza;ANA@Example.COM;ana@work.example;(11) 96123-4567;ACME;In progress;Google Ads;Import;\
85;yes;Bia;bia@example.com;"vip; hot";R$ 1.999,90;likes it;news;10k;2024-01-02 10:00;3;42
"""


def only(connection) -> Lead:
    [lead] = connection.list_leads()
    return lead


def codes(lead):
    return [(issue.path, issue.code) for issue in lead.issues]


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,Email,name\n", "two columns have one header: 'name'"),
        ("", "no header"),
        ("\n\n", "no header"),
        ('"name\n', "no header"),
        ("a,b\n1,2\n".encode("utf-16-le"), "NUL"),
        (b"na\xefme\n", "line 1 .*not utf-8.*encoding"),
        (b"name\nAna\nJos\xe9\n", "line 3 .*not utf-8.*encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(sheet, content, said):
    with pytest.raises(ConfigError, match=f"leads.csv: .*{said}"):
        list(sheet(content).list_leads())


def test_two_columns_chosen_for_one_value_are_refused(sheet):
    connection = sheet("a,b\n1,2\n", columns={"a": "company", "b": "company.name"})
    with pytest.raises(ConfigError, match=r"'a' and 'b' are both 'company.name'"):
        list(connection.list_leads())


@pytest.mark.parametrize(
    "settings",
    [
        {"columns": {"a": "nothing"}},
        {"columns": ["a"]},
        {"delimiter": ",,"},
        {"delimiter": '"'},
        {"delimiter": 7},
        {"encoding": "no-such"},
        {"tags_separator": ""},
        {"decimal_mark": ";"},
        {"colums": {}},
    ],
)
def test_a_wrong_setting_is_named_when_it_is_configured(sheet, settings):
    with pytest.raises(
        ConfigError, match=r"columns|delimiter|encoding|tags_separator|decimal_mark"
    ):
        sheet("a\n", **settings)


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ("Name;Été\nJosé;x\n".encode("utf-8-sig"), {}),
        ("\ufeffName\tÉté\r\nJosé\tx\r\n".encode("utf-16-le"), {}),
        ("\ufeffName\tÉté\r\nJosé\tx\r\n".encode("utf-16-be"), {}),
        ("Name|Été\rJosé|x\r".encode("latin-1"), {"encoding": "latin-1"}),
        ("Name!Été\nJosé!x".encode("cp1252"), {"encoding": "cp1252", "delimiter": "!"}),
        ("sep=;\r\nName, full;Été\r\nJosé;x\r\n".encode(), {"columns": {"Name, full": "name"}}),
    ],
)
def test_encodings_delimiters_and_line_ends(sheet, data, settings):
    lead = only(sheet(data, **settings))
    assert (lead.name.full, lead.custom) == ("José", {"été": "x"})


def test_columns_without_a_header_go_by_their_number(sheet):
    lead = only(sheet("name,,phone,,\nAna,x,,,\n"))
    assert lead.custom == {"column_2": "x"}
    assert codes(lead) == []


def test_ragged_rows_are_reported_with_their_line_and_keep_everything(sheet):
    short, long, padded = sheet('name,phone,city\n"A\nB"\nC,,d,more,\nE,,f,,\n').list_leads()
    assert short.issues[0].detail == "line 2: 2 cells fewer than the header"
    assert not short.knows("phones")
    assert not short.knows("custom")
    assert long.issues[0].detail == "line 4: 2 cells more than the header"
    assert long.raw[""] == ("more", "")
    assert padded.issues == ()


def test_blank_rows_are_no_leads(sheet):
    found = sheet("name,phone\n\n,\n  , \nAna,\n\n").list_leads()
    assert [lead.name.full for lead in found] == ["Ana"]


def test_a_broken_row_is_a_lead_with_its_text_and_an_issue(sheet):
    broken, whole = sheet('name,phone\n"Ana "the cat",1\nBia,\n').list_leads()
    assert codes(broken) == [("raw", "not_csv")]
    assert broken.issues[0].detail.startswith("line 2: ")
    assert "cat" not in broken.issues[0].detail
    assert broken.raw[""] == '"Ana "the cat",1'
    assert whole.name.full == "Bia"


def test_nul_in_a_cell_is_kept(sheet):
    assert only(sheet("name,notes\nAna,a\0b\n")).notes == "a\0b"


def test_ids_do_not_know_their_line_and_repeated_rows_are_told_apart(sheet):
    rows = ["Ana,1", "Bia,2", "Ana,1", "Ana,1"]
    first = [lead.ref.id for lead in sheet("name,code\n" + "\n".join(rows)).list_leads()]
    assert len(set(first)) == 4
    assert first[2:] == [f"{first[0]}#2", f"{first[0]}#3"]
    moved = sheet("code,name\n" + "\n".join(["2,Bia", "1,Ana", "1,Ana", "1,Ana"]))
    assert {lead.ref.id for lead in moved.list_leads()} == set(first)
    assert all(not lead.issues for lead in moved.list_leads())


def test_an_id_that_stands_twice_is_told_apart_and_reported(sheet):
    found = list(sheet("id,name\n7,Ana\n7,Bia\n,Cal\n").list_leads())
    assert [lead.ref.id for lead in found][:2] == ["7", "7#2"]
    assert found[2].ref.id.startswith("row-")
    assert found[1].issues[0].detail == "line 3: the id stands 1 times before"
    assert codes(found[0]) == codes(found[2]) == []


def big(rows: int) -> str:
    lines = "".join(f'"Ana\n{n % 900}",c{n % 7}\n' for n in range(rows))
    return f"name,code\n{lines}"


def ids(pages):
    return [lead.ref.id for page in pages for lead in page.leads]


def test_pages_and_a_cursor_in_another_process(sheet, face):
    connection = sheet(big(9000))
    pages = list(connection.list_leads(page_size=1000).pages())
    assert [len(page.leads) for page in pages] == [1000] * 9
    everything = ids(pages)
    assert len(set(everything)) == 9000
    later = face.open("leads.csv")
    after = ids(later.list_leads(page_size=700).pages(pages[6].next_cursor))
    assert after == everything[7000:]
    again = ids(later.list_leads(page_size=300).pages(pages[1].next_cursor))
    assert again == everything[2000:]


@pytest.mark.parametrize("rows", [1, 1999, 2000, 2001, 2500, 4000])
def test_a_cursor_leads_to_every_place_in_another_process(sheet, face, rows):
    connection = sheet("notes\n" + "".join(f"x{n % 5}\n" for n in range(2 * rows)))
    pages = list(connection.list_leads(page_size=rows).pages())
    later = face.open("leads.csv")
    assert ids(later.list_leads().pages(pages[0].next_cursor)) == ids(pages[1:])
    assert len(set(ids(pages))) == 2 * rows


def test_listings_that_run_side_by_side_do_not_disturb_each_other(sheet):
    connection = sheet(big(2000))
    whole = [lead.ref.id for lead in connection.list_leads()]
    pairs = zip(
        connection.list_leads(page_size=100), connection.list_leads(page_size=170), strict=True
    )
    assert [(one.ref.id, other.ref.id) for one, other in pairs] == [(x, x) for x in whole]


def test_a_cursor_into_a_changed_file_is_refused(sheet, folder):
    connection = sheet(big(900))
    cursor = next(iter(connection.list_leads(page_size=300).pages())).next_cursor
    (folder / "leads.csv").write_text(big(901))
    with pytest.raises(CursorError, match="changed"):
        list(connection.list_leads(page_size=300).pages(cursor))


def test_a_file_that_changes_while_it_is_listed_is_noticed(sheet, folder):
    pages = iter(sheet(big(900)).list_leads(page_size=300).pages())
    next(pages)
    changed = (folder / "leads.csv").stat().st_mtime_ns + 1_000_000
    os.utime(folder / "leads.csv", ns=(changed, changed))
    with pytest.raises(CursorError, match="changed"):
        next(pages)


@pytest.mark.parametrize(
    "cursor", ["", "x", "1:2", "1:2:zz", "5:1:{stamp}", "99999:1:{stamp}", "3000:1:{stamp}"]
)
def test_a_cursor_that_is_none_is_refused(sheet, face, cursor):
    connection = sheet(big(900))
    real = next(iter(connection.list_leads(page_size=300).pages())).next_cursor
    cursor = cursor.format(stamp=real.rpartition(":")[2])
    for each in (connection, face.open("leads.csv")):
        with pytest.raises(CursorError):
            list(each.list_leads().pages(cursor))


def test_pages_are_never_empty_for_blank_rows(sheet):
    pages = list(sheet("name\n" + "\n" * 5000 + "Ana\n").list_leads(page_size=50).pages())
    assert [len(page.leads) for page in pages] == [1]


def test_a_record_larger_than_a_chunk_is_read(sheet):
    notes = "x" * 100_000
    found = list(sheet(f"name,{'y' * 100_000}\nAna,{notes}\nBia,z\n").list_leads())
    assert [lead.name.full for lead in found] == ["Ana", "Bia"]
    assert found[0].custom == {"y" * 100_000: notes}


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


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=5), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_whatever_stands_in_cells_is_accounted_for(tmp_path_factory, rows, encoding):
    import csv

    path = tmp_path_factory.mktemp("sheet") / "x.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("notes", "other"), *rows])
    with Gateway(environ={}).connect(str(path)) as connection:
        found = list(connection.list_leads())
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert [(lead.raw["notes"], lead.raw["other"]) for lead in found] == filled
    for lead, (notes, other) in zip(found, filled, strict=True):
        assert lead.notes == (notes if notes.strip() else None)
        assert lead.custom == {"other": other if other.strip() else None}


def test_the_memory_of_a_long_file_stays_flat(folder):
    """What a listing holds beyond a page does not grow with the file."""
    import tracemalloc

    def peak(rows: int) -> int:
        (folder / "long.csv").write_text("notes\n" + "".join(f"note {n}\n" for n in range(rows)))
        with Gateway(environ={}).connect("long.csv") as connection:
            tracemalloc.start()
            count = sum(1 for _ in connection.list_leads())
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert count == rows
        return most

    peak(1000)
    assert peak(8000) < 1.5 * peak(2000)


def test_async_listing_leaves_the_loop_free(sheet, face, folder):
    """Reading happens in a thread, so that other tasks have their turn."""
    from leadgateway.aio import AsyncGateway

    (folder / "leads.csv").write_text(big(3000))

    async def main() -> int:
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        async with AsyncGateway(environ={}).connect("leads.csv") as connection:
            assert len([lead async for lead in connection.list_leads()]) == 3000
        ticking.cancel()
        return turns

    assert asyncio.run(main()) > 10
