"""What the declarations say: vendors, fidelity, connections."""

import json

import pytest

from leadgateway.capabilities import Operation
from leadgateway.gateway import Gateway
from leadgateway.plugins import Plugins
from leadgateway.taxonomy import Fidelity

INSTALLED = Plugins.installed()


def column(text, heading):
    """The cells under `heading` of a plain table, by the first cell of their row."""
    head, *rows = text.splitlines()
    start = head.index(heading)
    end = head.find("  ", start)
    while end != -1 and end < len(head) and head[end] == " ":
        end += 1
    return {row.split("  ")[0]: row[start : end if end != -1 else None].strip() for row in rows}


def test_the_matrix_is_what_the_adapters_declare(run):
    shown = run("vendors").stdout
    for vendor in INSTALLED.vendors():
        able = INSTALLED.adapter(vendor).capabilities
        cells = column(shown, vendor)
        assert cells["name"] == able.title
        for power in Operation:
            said = cells[str(power).replace("_", " ")]
            assert said == ("yes" if power in able.operations else "-")
        assert cells["leads a batch"] == str(able.batch_size or "-")
        assert cells["a create may merge"] == ("yes" if able.create_merges else "-")


def test_the_matrix_as_json_holds_everything_that_is_declared(run):
    found = run("vendors", "--json")
    assert found.stderr == ""
    shown = json.loads(found.stdout)
    assert shown["problems"] == []
    by_vendor = {row["vendor"]: row for row in shown["vendors"]}
    assert tuple(by_vendor) == INSTALLED.vendors()
    for vendor, row in by_vendor.items():
        able = INSTALLED.adapter(vendor).capabilities
        assert row["operations"] == sorted(able.operations)
        assert row["filters"] == sorted(able.filters)
        assert row["silent_on"] == list(able.silent_on)
        assert row["quota"].keys() == able.rate_plan.buckets.keys()


@pytest.mark.parametrize("vendor", INSTALLED.vendors())
def test_a_vendor_is_shown_whole(run, vendor):
    text = run("vendors", "show", vendor).stdout
    shown = json.loads(run("vendors", "show", vendor, "--json").stdout)
    adapter = INSTALLED.adapter(vendor)
    able = adapter.capabilities
    for said in (*able.silent_on, *able.not_offered):
        assert f"- {said}" in text
    assert ("Documented, but not offered" in text) == bool(able.not_offered)
    assert able.batch_rule in text
    for name, field in adapter.settings_type.model_fields.items():
        assert f"\n{name} " in text
        (row,) = (row for row in shown["settings"] if row["name"] == name)
        assert row["required"] == field.is_required()
    assert {path for row in shown["fields"] for path in row["fields"]} == set(adapter.rules.by_path)
    assert all(row["origin"] in text for row in shown["fields"])


def test_letters_say_how_a_field_is_used(run):
    def letters(vendor):
        rows = json.loads(run("vendors", "show", vendor, "--json").stdout)["fields"]
        return {path: row["use"] for row in rows for path in row["fields"]}

    assert letters("mega")["name"] == "rcb"
    assert letters("mega")["owner"] == "rb"
    assert letters("mega")["score"] == "r"
    assert letters("v1_leads")["name"] == "rcu"
    assert letters("v1_leads")["score"] == "ru"
    assert letters("novala")["notes"] == "rc"


def test_a_key_that_is_written_under_another_name_is_told(run):
    rows = json.loads(run("vendors", "show", "mega", "--json").stdout)["fields"]
    (stage,) = (row for row in rows if row["fields"] == ["stage.slug"])
    assert stage["keys"] == ["current_stage.slug", "stage_slug (written)"]
    assert "stage_slug (written)" in run("vendors", "show", "mega").stdout


def test_fidelity_is_the_report_field_by_field(run):
    report = Gateway(environ={}).fidelity("mega", "novala")
    shown = json.loads(run("fidelity", "mega", "novala", "--json").stdout)
    assert [(row["path"], row["fidelity"]) for row in shown["fields"]] == [
        (row.path, str(row.fidelity)) for row in report.fields
    ]
    assert shown["counts"] == {str(each): len(report.of(each)) for each in Fidelity}
    text = run("fidelity", "mega", "novala").stdout
    assert column(text.rpartition("\n")[0].rpartition("\n")[0], "fidelity") == {
        row.path: str(row.fidelity) for row in report.fields
    }
    assert text.splitlines()[-1].startswith(f"{shown['counts']['exact']} exact, ")


def test_fidelity_heeds_what_a_connection_relocates(run, tmp_path):
    def company(target):
        rows = json.loads(run("fidelity", "novala", target, "--json").stdout)["fields"]
        return next(row for row in rows if row["path"] == "company.name")

    settings = {"vendor": "mega", "relocate": {"company.name": "custom:company"}}
    (tmp_path / "there.json").write_text(json.dumps(settings))
    assert company("mega")["fidelity"] == "dropped"
    assert company("@there.json")["fidelity"] == "relocated"


TOML = """
[connections.one]
vendor = "v1_leads"
token = "a-secret-token"
base_url = "{url}"

[connections.wrong]
vendor = "mega"
token = "another-secret"

[connections.nobodys]
vendor = "nobody"
"""


@pytest.fixture
def configured(tmp_path, monkeypatch, sites):
    """Three connections in a file, one in the environment: two of them work."""
    site = sites.start("v1_leads", leads=3)
    text = TOML.format(url=site.running.settings["base_url"])
    text = text.replace("a-secret-token", site.running.settings["token"])
    (tmp_path / "leadgateway.toml").write_text(text)
    monkeypatch.setenv("LEADGATEWAY_OTHER_VENDOR", "v1_leads")
    monkeypatch.setenv("LEADGATEWAY_OTHER_TOKEN", "not-the-token")
    monkeypatch.setenv("LEADGATEWAY_OTHER_BASE_URL", site.running.settings["base_url"])
    monkeypatch.setenv("LEADGATEWAY_ONE_DEADLINE", "30")
    return site


def test_connections_are_listed_without_their_values(run, configured):
    found = run("connections", "list", "--json")
    rows = {row["name"]: row for row in json.loads(found.stdout)}
    assert list(rows) == ["nobodys", "one", "other", "wrong"]
    assert rows["one"] == {
        "name": "one",
        "vendor": "v1_leads",
        "configured_in": ["environment", "file"],
        "settings": ["base_url", "deadline", "token"],
        "problem": None,
    }
    assert rows["other"]["configured_in"] == ["environment"]
    assert "customer_id" in rows["wrong"]["problem"]
    assert "nobody" in rows["nobodys"]["problem"]
    text = run("connections", "list").stdout
    for secret in (configured.running.settings["token"], "another-secret", "not-the-token"):
        assert secret not in found.stdout + text
    assert column(text, "vendor") == {name: row["vendor"] for name, row in rows.items()}


def test_no_connection_is_no_fault_until_one_is_checked(run):
    assert "No connection is configured" in run("connections", "list").stdout
    assert json.loads(run("connections", "list", "--json").stdout) == []
    assert "nothing to check" in run("connections", "check", code=2).stderr


def test_a_check_asks_each_and_ends_as_the_worst(run, configured):
    assert "yes" in run("connections", "check", "one").stdout
    found = run("connections", "check", "--json", code=2)
    rows = {row["name"]: row for row in json.loads(found.stdout)}
    assert [name for name, row in rows.items() if row["ok"]] == ["one"]
    assert {name: row["exit_code"] for name, row in rows.items()} == {
        "nobodys": 2, "one": 0, "other": 2, "wrong": 2,
    }  # fmt: skip
    assert rows["one"]["said"]["reachable"] is True


def test_files_are_connections_like_any_other(run, told, tmp_path, monkeypatch):
    (tmp_path / "rows.txt").write_text("Name,Firm\nAna,ACME\n")
    (tmp_path / "leadgateway.toml").write_text(
        "[connections.sheet]\nvendor = 'csv'\nfile = 'rows.txt'\ncolumns = {Firm = 'company'}\n"
        "[connections.gone]\nvendor = 'csv'\n"
        "[connections.lines]\nvendor = 'jsonl'\nfile = 'out.txt'\n"
    )
    monkeypatch.setenv("LEADGATEWAY_SHEET_REGION", "BR")
    rows = {row["name"]: row for row in told("connections", "list")}
    assert rows["sheet"] == {
        "name": "sheet", "vendor": "csv", "configured_in": ["environment", "file"],
        "settings": ["columns", "file", "region"], "problem": None,
    }  # fmt: skip
    assert (rows["lines"]["vendor"], rows["lines"]["problem"]) == ("jsonl", None)
    assert "file: Field required" in rows["gone"]["problem"]
    [checked] = told("connections", "check", "sheet")
    assert checked["ok"]
    assert told("connections", "check", "@nowhere.json", "sheet", code=2)[1]["ok"]


def test_a_vendor_that_is_away_is_to_be_tried_later(run, saved, sites):
    site = sites.start("apollo_space")
    site.break_(times=None, status=503, body="{}", headers={"retry-after": "100000"})
    assert "no" in run("connections", "check", saved(site), code=75).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "holds no JSON object"),
        (b"[1]", "holds no JSON object"),
        (b'{"token": "a-secret"}', "with a vendor"),
        (b"\xff\xfe", "holds no JSON object"),
        (b"[" * 100_000, "holds no JSON object"),
    ],
)
def test_a_file_that_is_no_connection_is_named_and_not_quoted(run, tmp_path, text, said):
    (tmp_path / "odd.json").write_bytes(text)
    found = run("leads", "list", "@odd.json", code=2)
    assert said in found.stderr
    assert "a-secret" not in found.stderr
