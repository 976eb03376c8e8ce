"""What the columns of a table are taken for is shown before anything is moved."""

import json

import pytest

SHEET = "Full name;E-mail;Firm;Shade of blue;Junk\nAna Souza;ana@example.com;ACME;navy;x\n"
KEPT = "no field of a lead has such a name: kept as a custom field"
CONFIG = """
[files."my leads".columns]
Firm = "company.name"
Junk = ""
"""


@pytest.fixture
def sheet(elsewhere):
    """Words that move a table of five columns, two of which are told by their headers."""
    (elsewhere / "my leads.csv").write_text(SHEET)
    return ["--from", "my leads.csv", "--to", "out.jsonl"]


def lines(text):
    return [line.split("  ")[0] for line in text.splitlines()]


@pytest.mark.parametrize("words", [("plan",), ("migrate", "--dry-run"), ("migrate", "--lenient")])
def test_each_column_is_shown_with_its_field_and_the_unmatched_are_named(run, sheet, words):
    shown = run(*words, *sheet).stdout
    assert shown.startswith("The columns of my leads.csv:\ncolumn ")
    head = shown.splitlines()[2:7]
    assert [line.split("  ")[0] for line in head] == SHEET.splitlines()[0].split(";")
    assert [line.rsplit("  ", 1)[-1] for line in head] == ["by its header"] * 2 + [KEPT] * 3
    assert "Like no field of a lead: Firm, Shade of blue, Junk." in shown
    assert 'write lines under [files."my leads".columns] in leadgateway.toml, such as Firm' in shown


@pytest.mark.parametrize("words", [("plan",), ("migrate", "--dry-run"), ("migrate", "--lenient")])
def test_programs_get_the_columns_as_a_value(run, sheet, words):
    found = run(*words, *sheet, "--json")
    columns = {row["column"]: row for row in json.loads(found.stdout)["columns"]}
    assert list(columns) == SHEET.splitlines()[0].split(";")
    assert columns["E-mail"] == {
        "column": "E-mail", "field": "emails", "reason": "by its header",
    }  # fmt: skip
    assert columns["Shade of blue"]["field"] == "custom.shade_of_blue"
    assert "The columns of" not in found.stderr


def test_what_the_hint_names_is_where_it_is_configured(run, told, sheet, elsewhere):
    (elsewhere / "leadgateway.toml").write_text(CONFIG)
    columns = {row["column"]: row for row in told("plan", *sheet)["columns"]}
    assert columns["Firm"] == {
        "column": "Firm", "field": "company.name", "reason": "as configured",
    }  # fmt: skip
    assert columns["Junk"]["field"] is None
    shown = run("plan", *sheet).stdout
    assert "Like no field of a lead: Shade of blue." in shown
    assert "\nJunk " in shown
    assert "none " in shown


def test_a_named_or_saved_connection_is_configured_where_it_stands(run, sheet, elsewhere):
    (elsewhere / "leadgateway.toml").write_text(
        "[connections.sheet]\nvendor = 'csv'\nfile = 'my leads.csv'\n"
    )
    saved = {"vendor": "csv", "file": "my leads.csv"}
    (elsewhere / "saved.json").write_text(json.dumps(saved))
    named = run("plan", "--from", "sheet", *sheet[2:]).stdout
    assert "[connections.sheet.columns]" in named
    assert 'set "columns" in saved.json' in run("plan", "--from", "@saved.json", *sheet[2:]).stdout


def test_a_table_whose_columns_are_all_known_names_none(run, sheet, elsewhere):
    (elsewhere / "my leads.csv").write_text("Full name,E-mail\nAna,ana@example.com\n")
    shown = run("plan", *sheet).stdout
    assert "Like no field" not in shown
    assert 'such as "Full name" = ' in shown


def test_a_job_that_goes_on_says_nothing_of_columns(run, told, sheet):
    told("migrate", *sheet, "--lenient")
    shown = run("migrate", *sheet, "--lenient").stdout
    assert "The columns of" not in shown
    assert told("migrate", *sheet, "--lenient")["columns"] == []


def test_vendors_have_no_columns(run, told, pair):
    *_, words = pair
    assert "columns" not in run(*words, "--dry-run").stdout
    assert told(*words, "--lenient")["columns"] == []


def test_a_header_that_is_none_is_refused_and_leaves_nothing(run, sheet, elsewhere):
    (elsewhere / "my leads.csv").write_text("a,a\n1,2\n")
    before = set(elsewhere.iterdir())
    assert "two columns have one header" in run("migrate", *sheet, "--lenient", code=2).stderr
    assert set(elsewhere.iterdir()) == before
