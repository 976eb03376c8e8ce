"""Where a journal is told to be: a path, a URL, or what a plugin opens."""

import sys
from pathlib import Path

import pytest
from tests.journal.scenes import begin, job

from leadgateway import hookimpl
from leadgateway.errors import ConfigError, JournalError, PluginError
from leadgateway.journal import journal_location, open_journal
from leadgateway.journal.opening import is_unmade
from leadgateway.plugins import Plugins


def test_a_location_is_given_or_in_the_environment_or_here():
    told = {"LEADGATEWAY_JOURNAL": "told.db"}
    assert journal_location("given.db", told) == "given.db"
    assert journal_location(None, told) == "told.db"
    assert journal_location("", {"LEADGATEWAY_JOURNAL": ""}) == ".leadgateway/journal.db"
    assert journal_location(None, {}) == ".leadgateway/journal.db"


@pytest.mark.parametrize(
    "where",
    ["{}/journal.db", "sqlite:///{}/journal.db", "SQLITE:///{}/journal.db", Path("{}/journal.db")],
)
def test_a_path_or_an_sqlite_url_is_a_file(tmp_path, where):
    place = type(where)(str(where).format(tmp_path))
    journal = open_journal(place)
    journal.open_job(job())
    journal.close()
    assert (tmp_path / "journal.db").is_file()
    again = open_journal(tmp_path / "journal.db")
    assert again.find_job("job") is not None
    again.close()


@pytest.mark.parametrize("where", ["journal.db", "sqlite:///journal.db", "~/journal.db"])
def test_a_relative_path_is_relative(tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    open_journal(where).close()
    assert (tmp_path / "journal.db").is_file()


def test_the_default_location_is_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_journal(journal_location(None, {})).close()
    assert (tmp_path / ".leadgateway").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "PostgreSQL"])
def test_a_postgres_url_is_a_database(postgres_store, scheme):
    url = postgres_store.url.replace("postgresql", scheme, 1)
    journal = open_journal(url)
    begin(journal)
    journal.close()
    assert postgres_store.open().find_job("job") is not None


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "names no file"),
        ("folder/", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite://journal.db", "three slashes"),
        ("mysql://ana:s3cret@host/db", "no journal is opened by 'mysql'"),
        ("postgresql://ana:s3cret@[host/db", "cannot be read"),
    ],
)
def test_what_is_no_location_is_refused(tmp_path, monkeypatch, where, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=said) as refused:
        open_journal(where)
    assert refused.value.exit_code == 2
    assert "s3cret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_who_has_no_psycopg_hears_how_to_get_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "leadgateway.journal.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'leadgateway\[postgres\]'"):
        open_journal("postgresql://ana:s3cret@host/db")


def test_a_path_needs_no_psycopg(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    open_journal(tmp_path / "journal.db").close()


# By plugins


class Bringing:
    """A plugin that brings journals."""

    def __init__(self, offers):
        self.offers = offers

    @hookimpl
    def leadgateway_journals(self):
        return self.offers


@pytest.fixture
def plugged():
    """Register plugins that bring these journals."""

    def plug(*offers):
        plugins = Plugins()
        for number, each in enumerate(offers):
            plugins.register(Bringing(each), f"plugin-{number}", f"dist-{number}")
        return plugins

    return plug


def test_a_plugin_opens_journals_of_its_scheme(plugged, tmp_path):
    asked = []

    def opener(url):
        asked.append(url)
        return open_journal(tmp_path / "journal.db")

    openers = plugged({"attic": opener}).journals()
    journal = open_journal("ATTIC://some/Where", openers)
    assert asked == ["attic://some/Where"]
    begin(journal)
    journal.close()


def test_a_plugin_may_name_what_opens_a_journal_and_it_is_imported_only_then(plugged):
    openers = plugged({"attic": "leadgateway_attic:open_attic"}).journals()
    assert list(openers) == ["attic"]
    with pytest.raises(PluginError, match="'leadgateway_attic:open_attic' does not import"):
        open_journal("attic://here", openers)
    named = plugged({"attic": "leadgateway.journal.sqlite:SQLiteDatabase"}).journals()
    with pytest.raises(JournalError, match="what opens 'attic' journals failed: AttributeError"):
        open_journal("attic://here", named)


def test_two_plugins_with_one_scheme_are_an_error_when_it_is_used(plugged):
    openers = plugged({"attic": open_journal}, {"attic": open_journal}).journals()
    with pytest.raises(PluginError, match="'attic' is offered twice"):
        open_journal("attic://here", openers)


@pytest.mark.parametrize("scheme", ["sqlite", "postgresql", "postgres"])
def test_a_scheme_that_is_built_in_is_nobody_elses(plugged, scheme, tmp_path):
    with pytest.raises(PluginError, match=f"'{scheme}', which is built in"):
        open_journal(tmp_path / "journal.db", plugged({scheme: open_journal}).journals())


@pytest.mark.parametrize("offers", [{"attic": 3}, {3: open_journal}])
def test_what_opens_nothing_is_refused_when_it_is_registered(plugged, offers):
    with pytest.raises(PluginError, match="a URL scheme to what opens it or its path"):
        plugged(offers)


def test_the_schemes_there_are_are_named(plugged):
    with pytest.raises(ConfigError, match="there are: attic, postgres, postgresql, sqlite, or a"):
        open_journal("cellar://here", plugged({"attic": open_journal}).journals())


def test_an_opener_that_fails_says_nothing_of_the_url(plugged):
    def failing(url):
        raise OSError(f"cannot open {url}")

    def refusing(url):
        raise JournalError("the attic is locked.")

    openers = plugged({"attic": failing, "cellar": refusing}).journals()
    with pytest.raises(JournalError, match=r"failed: OSError\.") as failed:
        open_journal("attic://ana:s3cret@here", openers)
    assert "s3cret" not in str(failed.value)
    assert failed.value.__suppress_context__
    with pytest.raises(JournalError, match="the attic is locked"):
        open_journal("cellar://here", openers)


@pytest.mark.parametrize("where", ["{}/new.db", "{}/a/b/new.db", "sqlite:///{}/new.db"])
def test_a_file_that_is_not_there_is_unmade_until_a_journal_is_opened(tmp_path, where):
    place = where.format(tmp_path)
    assert is_unmade(place)
    assert list(tmp_path.iterdir()) == []
    open_journal(place).close()
    assert not is_unmade(place)


def test_what_only_opening_can_tell_is_not_called_unmade(tmp_path):
    (tmp_path / "notes").write_text("a file")
    (tmp_path / "gone.db").symlink_to(tmp_path / "nowhere")
    for where in (
        "", "folder/", "postgresql://h/d", "xyz:///x", "sqlite://new.db",
        f"{tmp_path}/notes/x.db", tmp_path / "gone.db",
    ):  # fmt: skip
        assert not is_unmade(where)
