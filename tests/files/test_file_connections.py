"""How a file becomes a connection: by its ending, by its kind, with settings from everywhere."""

import os

import pytest

from leadgateway.errors import ConfigError
from leadgateway.events import ExchangeFinished
from leadgateway.files import kind_of
from leadgateway.gateway import Gateway, connect
from leadgateway.hookspecs import hookimpl
from leadgateway.mapping import STRICT
from leadgateway.plugins import Plugins
from leadgateway.transfer.job_config import config_of

SHEET = "Name,Firm,Shade\nAna,ACME,red\n"


@pytest.fixture
def configured(folder):
    def gateway(toml="", **environ):
        (folder / "leadgateway.toml").write_text(toml)
        return Gateway(environ=environ)

    (folder / "leads.csv").write_text(SHEET)
    (folder / "deep").mkdir()
    (folder / "deep" / "leads.csv").write_text(SHEET)
    return gateway


def only(gateway, name, **settings):
    with gateway.connect(name, **settings) as connection:
        [lead] = connection.list_leads()
    return lead


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("leads.csv", "csv"),
        ("a/LEADS.CSV", "csv"),
        ("x.tsv", "csv"),
        ("x.jsonl", "jsonl"),
        ("x.ndjson", "jsonl"),
        ("mega", None),
        ("@saved.csv", None),
        ("x.json", None),
    ],
)
def test_the_ending_tells_the_kind(name, kind):
    assert kind_of(name) == kind


def test_a_path_is_a_connection_without_a_token(configured):
    lead = only(configured(), "deep/leads.csv")
    assert lead.ref.connection == "deep/leads.csv"
    assert lead.custom == {"firm": "ACME", "shade": "red"}


@pytest.mark.parametrize("up", [".", "deep", "other"])
def test_a_file_has_one_name_however_its_path_is_spelled(configured, folder, monkeypatch, up):
    configured()
    (folder / "other").mkdir()
    (folder / "link").symlink_to(folder / "deep")
    (folder / "deep" / "saved.json").write_text('{"vendor": "csv", "file": "leads.csv"}')
    monkeypatch.chdir(folder / up)
    for file in ("leads.csv", "@saved.json"):
        at, name = ("@", file[1:]) if file.startswith("@") else ("", file)
        place = folder / "deep" / name
        near = place.relative_to(folder / up) if up != "other" else place
        way = os.path.relpath(place)
        for spelled in (way, f"./{way}", f"{folder}/other/../deep/{name}", f"{folder}/link/{name}"):
            with connect(f"{at}{spelled}") as connection:
                assert connection.name == connection.opened.adapter.connection == f"{at}{near}"


@pytest.mark.parametrize("key", ["deep/leads.csv", "./deep/leads.csv", "deep/../deep/leads.csv"])
def test_however_a_path_is_spelled_its_columns_are_found(configured, key):
    toml = f"[files.'{key}'.columns]\nFirm = 'company'\n"
    for name in ("deep/leads.csv", "./deep//leads.csv"):
        assert only(configured(toml), name).company.name == "ACME"


def test_a_link_is_a_file_of_its_own(configured, folder):
    gateway = configured()
    (folder / "today.csv").symlink_to("leads.csv")
    assert gateway.connect("./today.csv").name == "today.csv"


def test_the_short_way_in(configured):
    configured()
    with connect("leads.csv") as connection:
        assert connection.vendor == "csv"
        assert connection.settings.file.name == "leads.csv"


@pytest.mark.parametrize("name", ["leads", "'leads.csv'", "'deep/leads.csv'"])
def test_columns_stand_in_the_configuration_by_stem_name_or_path(configured, name):
    toml = f"[files.{name}]\nencoding = 'latin-1'\n[files.{name}.columns]\nFirm = 'company'\n"
    lead = only(configured(toml), "deep/leads.csv")
    assert lead.company.name == "ACME"


def test_the_nearest_table_of_the_configuration_counts(configured):
    toml = (
        "[files.leads.columns]\nFirm = 'company'\n[files.'leads.csv'.columns]\nFirm = 'custom.x'\n"
    )
    assert only(configured(toml), "leads.csv").custom["x"] == "ACME"


def test_arguments_win_then_variables_then_the_file(configured):
    toml = "[files.leads.columns]\nFirm = 'company'\n"
    variable = {"LEADGATEWAY_LEADS_CSV_COLUMNS": '{"Firm": "notes"}'}
    assert only(configured(toml, **variable), "leads.csv").notes == "ACME"
    given = only(configured(toml, **variable), "leads.csv", columns={"Firm": "intent"})
    assert given.intent == "ACME"


def test_a_connection_may_name_its_file(configured):
    toml = (
        "[connections.sheet]\nvendor = 'csv'\nfile = 'deep/leads.csv'\n"
        "[connections.sheet.columns]\nFirm = 'company'\n"
    )
    lead = only(configured(toml), "sheet")
    assert (lead.company.name, lead.ref.connection) == ("ACME", "sheet")


def test_a_kind_may_be_given_for_any_ending(configured, folder):
    (folder / "leads.txt").write_text(SHEET)
    assert only(configured(), "leads.txt", vendor="csv", file="leads.txt").name.full == "Ana"


def test_a_kind_without_a_file_is_refused(configured):
    for name in ("csv", "sheet"):
        with pytest.raises(ConfigError, match="file: Field required"):
            configured().connect(name, vendor="csv")


def test_settings_of_tables_do_not_concern_lines(configured):
    toml = "[files.leads.columns]\nFirm = 'company'\n"
    assert configured(toml).connect("leads.jsonl").vendor == "jsonl"
    with pytest.raises(ConfigError, match="columns"):
        configured(toml).connect("leads.jsonl", columns={})


def test_tables_of_files_are_tables(configured):
    for toml in ("files = 1", "[files]\nleads = 'x'"):
        with pytest.raises(ConfigError, match=r"\[files.NAME\] for each file"):
            configured(toml)


def test_an_unknown_name_says_which_endings_are_files(configured):
    with pytest.raises(ConfigError, match=r"files: \.csv, \.tsv, \.jsonl, \.ndjson"):
        configured().connect("leads.xlsx")


def test_files_are_no_vendors(configured):
    gateway = configured()
    assert not {"csv", "jsonl"} & set(gateway.plugins.vendors())
    assert not {"csv", "jsonl"} & set(gateway.plugins.simulators())
    assert gateway.configuration.names(gateway.plugins.vendors()) == ()


def test_fidelity_takes_files_too(configured):
    gateway = configured()
    found = {f.path: str(f.fidelity) for f in gateway.fidelity("leads.csv", "mega").fields}
    assert found["custom"] == "exact"
    assert found["company.name"] == "dropped"
    assert gateway.fidelity("mega", "out.jsonl").fields


def test_the_token_says_nothing_and_is_nowhere(configured):
    with configured().connect("leads.csv") as connection:
        assert "token" not in repr(connection.settings)
        assert "token" not in config_of(connection, connection, STRICT)
        assert "leads.csv" in config_of(connection, connection, STRICT)


def test_a_plugin_may_bring_its_own_kind(configured):
    from leadgateway.files.csv_file import CsvFile

    class Better(CsvFile):
        vendor = "csv"

    class Plugin:
        @hookimpl
        def leadgateway_adapters(self):
            return {"csv": Better}

    plugins = Plugins()
    plugins.register(Plugin, "better")
    with Gateway(plugins=plugins, environ={}).connect("leads.csv") as connection:
        assert type(connection.opened.adapter) is Better


def test_listeners_hear_of_every_reading(configured):
    heard = []

    class Plugin:
        @hookimpl
        def leadgateway_exchange_finished(self, event):
            heard.append(event)

    plugins = Plugins()
    plugins.register(Plugin, "listener")
    only(Gateway(plugins=plugins, environ={}), "deep/leads.csv")
    assert {type(event) for event in heard} == {ExchangeFinished}
    assert {(event.method, event.path) for event in heard} == {
        ("GET", "deep/leads.csv"),
        ("NUMBER", "deep/leads.csv"),
    }
