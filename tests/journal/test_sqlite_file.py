"""The file: for its owner alone, durable, and nothing that is not a journal is touched."""

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.journal.scenes import begin, job, scene, staged

from leadgateway.errors import JournalError
from leadgateway.journal import sqlite as sqlite_module
from leadgateway.journal import statements
from leadgateway.journal.schema import STEPS
from leadgateway.journal.sqlite import SQLiteDatabase, open_sqlite

NOBODY = 65534


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def contents(folder):
    """Return every file of a folder with its bytes and its mode."""
    return {each.name: (each.read_bytes(), mode(each)) for each in sorted(folder.iterdir())}


@contextmanager
def unprivileged():
    """Be no root while the block lasts; root may write everywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def umask():
    """Set the umask for the time of a test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.fixture
def settled(sqlite_store):
    """Return the path of a journal with a job in it, closed and complete in one file."""
    journal = sqlite_store.open()
    scene(journal)
    journal.close()
    assert [each.name for each in sqlite_store.path.parent.iterdir()] == ["journal.db"]
    return sqlite_store.path


# Modes


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o177, 0o777])
def test_a_journal_is_for_its_owner_alone_whatever_the_umask(tmp_path, umask, mask):
    folder = tmp_path / "journal"
    umask(mask)
    journal = open_sqlite(folder / "journal.db")
    begin(journal)
    assert mode(folder) == 0o700
    modes = {each.name: oct(mode(each)) for each in folder.iterdir()}
    assert modes == dict.fromkeys(["journal.db", "journal.db-shm", "journal.db-wal"], "0o600")
    journal.close()


def test_a_folder_and_a_file_that_are_there_keep_their_modes(settled):
    settled.parent.chmod(0o755)
    settled.chmod(0o640)
    open_sqlite(settled).close()
    assert (mode(settled.parent), mode(settled)) == (0o755, 0o640)


def test_folders_on_the_way_are_made(tmp_path):
    path = tmp_path / "a" / "b" / "journal.db"
    open_sqlite(path).close()
    assert mode(path.parent) == 0o700


@pytest.mark.parametrize("name", [":memory:", "file:journal.db?mode=memory", "-journal", "a b%20c"])
def test_a_name_is_a_file_name_and_nothing_else(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    journal = open_sqlite(Path(name))
    begin(journal)
    journal.close()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert open_sqlite(tmp_path / name).find_job("job") is not None


# Durability


def test_every_commit_is_on_disk(sqlite_store):
    under = sqlite_store.database()
    sqlite_store.over(under)
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    shown = [under.read(lambda p=p: under.run(f"PRAGMA {p}", {})) for p in pragmas]
    assert shown == [[("wal",)], [(2,)], [(1,)], [(1,)]]


def test_what_was_committed_is_there_after_the_process_died(sqlite_store, tmp_path):
    journal = sqlite_store.open()
    scene(journal)
    before = sqlite_store.dump()
    copy = tmp_path / "after"
    copy.mkdir()
    for each in sqlite_store.path.parent.iterdir():
        if not each.name.endswith("-shm"):
            (copy / each.name).write_bytes(each.read_bytes())
    found = type(sqlite_store)(copy / "journal.db")
    found.open()
    assert found.dump() == before
    found.close()


def test_a_write_without_its_commit_is_gone_after_the_process_died(
    sqlite_store, tmp_path, monkeypatch
):
    under = sqlite_store.database()
    journal = sqlite_store.over(under)
    made = scene(journal)
    before = sqlite_store.dump()
    copy = tmp_path / "after"
    copy.mkdir()
    run = under.run

    def run_and_copy(statement, values):
        if statement == statements.MOVE_CURSOR:
            for each in sqlite_store.path.parent.glob("*[!m]"):
                (copy / each.name).write_bytes(each.read_bytes())
        return run(statement, values)

    monkeypatch.setattr(under, "run", run_and_copy)
    page = [each._replace(payload=b"x" * 3000) for each in staged(*map(str, range(2000)))]
    journal.stage(made.lease, page, "behind", last=False)
    assert (copy / "journal.db-wal").stat().st_size > 3_000_000
    found = type(sqlite_store)(copy / "journal.db")
    found.open()
    assert found.dump() == before
    found.close()


# What is no journal is refused and left as it is


def text_file(path):
    path.write_text("my diary\n" * 100)


def short_file(path):
    path.write_bytes(b"SQLite form")


def zeros(path):
    path.write_bytes(bytes(8192))


def other_database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (thing TEXT)")
    connection.close()


def other_database_of_an_application(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 7")
    connection.close()


def other_database_at_work(path):
    """A database whose last changes are in its log only, as a living or crashed program has it."""
    source = path.with_name("source.db")
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE mine (thing TEXT)")
    connection.commit()
    for suffix in ("", "-wal"):
        copy = source.with_name(source.name + suffix).read_bytes()
        path.with_name(path.name + suffix).write_bytes(copy)
    connection.close()
    source.unlink()


def newer_journal(path):
    open_sqlite(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def truncated_journal(path):
    journal = open_sqlite(path)
    scene(journal)
    journal.close()
    path.write_bytes(path.read_bytes()[:8192])


def truncated_in_its_header(path):
    open_sqlite(path).close()
    path.write_bytes(path.read_bytes()[:70])


def garbage_after_the_header(path):
    open_sqlite(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + os.urandom(len(whole) - 100))


FOREIGN = [
    (text_file, "holds something else"),
    (short_file, "holds something else"),
    (zeros, "holds something else"),
    (other_database, "holds something else"),
    (other_database_of_an_application, "holds something else"),
    (other_database_at_work, "holds something else"),
    (newer_journal, rf"newer leadgateway \(schema 99, this one knows {len(STEPS)}\)"),
    (truncated_journal, "malformed"),
    (truncated_in_its_header, "holds something else"),
    (garbage_after_the_header, "malformed|not a database"),
]


@pytest.mark.parametrize(("make", "said"), FOREIGN, ids=[make.__name__ for make, _ in FOREIGN])
def test_what_is_no_journal_of_ours_is_refused_and_left_as_it_is(tmp_path, make, said):
    folder = tmp_path / "journal"
    folder.mkdir()
    path = folder / "journal.db"
    make(path)
    before = contents(folder)
    with pytest.raises(JournalError, match=said) as refused:
        open_sqlite(path)
    assert refused.value.exit_code == 6
    assert str(path) in str(refused.value)
    assert contents(folder) == before


def test_a_newer_journal_that_is_at_work_is_refused(sqlite_store):
    at_work = sqlite_store.open()
    sqlite_store.sql("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match="newer leadgateway"):
        open_sqlite(sqlite_store.path)
    assert at_work.list_jobs() == []


def test_damage_that_shows_later_stops_the_job(sqlite_store, settled):
    find = "SELECT rootpage AS page FROM sqlite_master WHERE name = 'leadgateway_rows'"
    [rows] = sqlite_store.sql(find)
    journal = open_sqlite(settled)
    with settled.open("r+b") as file:
        file.seek((rows["page"] - 1) * 4096)
        file.write(b"\xa5" * 4096)
    journal.close()
    journal = open_sqlite(settled)
    with pytest.raises(JournalError, match="malformed"):
        list(journal.rows("job"))
    journal.close()


@pytest.mark.parametrize("way", [lambda p: p.mkdir(), os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path, way):
    way(tmp_path / "journal.db")
    with pytest.raises(JournalError, match="is no file"):
        open_sqlite(tmp_path / "journal.db")


def test_a_file_where_a_folder_should_be_is_refused(tmp_path):
    (tmp_path / "journal").write_text("mine")
    with pytest.raises(JournalError, match="failed"):
        open_sqlite(tmp_path / "journal" / "journal.db")
    assert (tmp_path / "journal").read_text() == "mine"


def test_an_empty_file_becomes_a_journal(tmp_path):
    (tmp_path / "journal.db").touch()
    journal = open_sqlite(tmp_path / "journal.db")
    assert journal.list_jobs() == []
    journal.close()


@pytest.fixture
def owned():
    """Make a journal that belongs to whom `unprivileged` is, in a folder that he can reach."""
    folder = Path(tempfile.mkdtemp(prefix="lgj-"))
    path = folder / "journal.db"
    open_sqlite(path).close()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        os.chown(path, NOBODY, NOBODY)
    yield path
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_file_that_may_not_be_written_is_refused_and_left_as_it_is(owned):
    owned.chmod(0o400)
    before = contents(owned.parent)
    with unprivileged(), pytest.raises(JournalError, match="Permission denied"):
        open_sqlite(owned)
    assert contents(owned.parent) == before


def test_a_folder_that_may_not_be_written_is_refused_and_left_as_it_is(owned):
    owned.parent.chmod(0o500)
    before = contents(owned.parent)
    with unprivileged(), pytest.raises(JournalError, match=r"unable to open|readonly"):
        open_sqlite(owned)
    with unprivileged(), pytest.raises(JournalError, match="Permission denied"):
        open_sqlite(owned.with_name("another.db"))
    assert contents(owned.parent) == before


def test_whoever_owns_the_journal_opens_it(owned):
    with unprivileged():
        journal = open_sqlite(owned)
        begin(journal)
        journal.close()


def test_an_sqlite_from_long_ago_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_module.sqlite3, "sqlite_version_info", (3, 35, 4))
    monkeypatch.setattr(sqlite_module.sqlite3, "sqlite_version", "3.35.4")
    with pytest.raises(JournalError, match=r"3\.35\.4 is too old: 3\.35\.5 is needed"):
        SQLiteDatabase(tmp_path / "journal" / "journal.db")
    assert list(tmp_path.iterdir()) == []


def test_a_journal_may_be_opened_twice_at_once(sqlite_store):
    one, two = sqlite_store.open(), sqlite_store.open()
    lease = begin(one)
    two.stage(lease, staged("a"), None, last=False)
    assert [row.source_id for row in one.rows("job")] == ["a"]
    two.open_job(job("another"))
    assert len(one.list_jobs()) == 2


class Busy:
    """A connection on which others turn the log on just now, so many times."""

    def __init__(self, times):
        self.times = times

    def execute(self, _statement):
        self.times -= 1
        if self.times >= 0:
            raise sqlite3.OperationalError("database is locked")


def test_whoever_turns_the_log_on_waits_for_others_who_do(monkeypatch):
    monkeypatch.setattr(sqlite_module, "_TURN_SECONDS", 0)
    waited = SimpleNamespace(_connection=Busy(3))
    SQLiteDatabase._log_ahead(waited)
    assert waited._connection.times == -1
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        SQLiteDatabase._log_ahead(SimpleNamespace(_connection=Busy(10**6)))
