"""Tables of every encoding and shape, whole and broken: each row is accounted for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.files.rows import codes, only

from leadgateway.errors import ConfigError
from leadgateway.gateway import Gateway


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
