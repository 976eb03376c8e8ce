"""PostgreSQL goes away: between transactions, inside one, at its COMMIT; nothing is doubled."""

import shutil
import signal
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest
from tests.journal.cut_wire import CutWire
from tests.journal.scenes import HOLDER, OTHER, WRITES, begin, intent, job, scene, staged, told
from tests.journal.stores import PostgresStore
from tests.services.postgres import programs, running

from leadgateway.errors import ConfigError, JobLocked, JournalError
from leadgateway.journal import postgres as postgres_module
from leadgateway.journal.postgres import open_postgres


@pytest.fixture
def wire(postgres):
    """Lay a wire to the server that can break."""
    folder = Path(tempfile.mkdtemp(prefix="lgw-", dir=postgres.folder.parent))
    made = CutWire(folder, postgres.socket)
    made.folder = folder
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture
def wired(postgres, postgres_place, wire):
    """Offer a journal at the end of that wire."""
    made = PostgresStore(postgres.place_url(postgres_place, wire.folder))
    yield made
    made.close()


@pytest.fixture
def undisturbed(postgres):
    """Tell what a write leaves in a journal that nothing happens to."""
    name = postgres.make_place()
    store = PostgresStore(postgres.place_url(name))

    def tell(write):
        journal = store.open()
        write(journal, scene(journal))
        return told(store.dump())

    yield tell
    store.close()
    postgres.drop_place(name)


# At COMMIT


@pytest.mark.parametrize("how", [["before"], ["after"], ["late"], ["before", "after"]])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_commit_in_doubt_is_looked_up_and_the_write_happens_once(
    wired, wire, undisturbed, write, how
):
    journal = wired.open()
    made = scene(journal)
    wire.plan += how
    write(journal, made)
    assert wire.plan == []
    assert wire.late == []
    assert told(wired.dump()) == undisturbed(write)
    journal.keep(made.lease)


@pytest.mark.parametrize("how", ["before", "after"])
def test_the_rows_of_a_lost_page_are_counted_once(wired, wire, how):
    journal = wired.open()
    lease = begin(journal)
    wire.plan.append(how)
    assert journal.stage(lease, staged("a", "b"), "1", last=False) == 2
    assert [row.source_id for row in journal.rows("job")] == ["a", "b"]


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_request_whose_commit_was_lost_is_there_once_under_the_id_it_was_given(wired, wire, how):
    journal = wired.open()
    made = scene(journal)
    wire.plan.append(how)
    [asked] = journal.intend(made.lease, [intent(made.seqs["p1"])])
    assert [each.id for each in journal.open_intents("job", 9)] == [made.request, asked.id]


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_claim_whose_commit_was_lost_is_ones_own(wired, wire, how):
    journal = wired.open()
    journal.open_job(job())
    wire.plan.append(how)
    lease = journal.claim("job", HOLDER)
    journal.keep(lease)
    with pytest.raises(JobLocked):
        wired.open().claim("job", OTHER)


@pytest.mark.parametrize("how", ["before", "after"])
def test_making_letting_go_of_and_purging_a_job_may_be_done_twice(wired, wire, how):
    journal = wired.open()
    wire.plan.append(how)
    assert journal.open_job(job("other")).id == "other"
    made = scene(journal)
    wire.plan.append(how)
    journal.release(made.lease)
    wire.plan.append(how)
    journal.purge("job")
    assert wire.plan == []
    assert journal.claim("job", OTHER).fence == made.lease.fence + 1


def test_a_reader_asks_again(wired, wire):
    journal = wired.open()
    scene(journal)
    before = list(journal.rows("job"))
    wire.plan.append("before")
    assert list(journal.rows("job")) == before
    assert wire.plan == []


def test_a_write_whose_commit_is_lost_again_and_again_stops_the_job(
    wired, wire, postgres, postgres_place
):
    journal = wired.open()
    made = scene(journal)
    before = told(wired.dump())
    wire.plan += ["before"] * 5
    with pytest.raises(JournalError, match="failed") as stopped:
        WRITES["settle"](journal, made)
    assert stopped.value.exit_code == 6
    assert len(wire.plan) == 2
    wire.plan.clear()
    assert told(wired.dump()) == before
    WRITES["settle"](journal, made)


def test_who_took_the_job_over_meanwhile_is_not_written_over(wired, wire, postgres, postgres_place):
    journal = wired.open()
    made = scene(journal)
    direct = PostgresStore(postgres.place_url(postgres_place))
    other = direct.open()

    def take_over():
        direct.set_clock("lease_until", -1)
        other.claim("job", OTHER)

    before = told(wired.dump())
    wire.meanwhile = take_over
    wire.plan.append("before")
    with pytest.raises(JournalError, match="taken job 'job' over"):
        WRITES["settle"](journal, made)
    assert told(wired.dump())["rows"] == before["rows"]
    assert told(wired.dump())["intents"] == before["intents"]
    direct.close()


# Between transactions and inside them


def test_a_session_that_an_operator_ended_is_made_anew(postgres, postgres_place, postgres_store):
    journal = postgres_store.open()
    made = scene(journal)
    assert postgres.end_sessions(postgres_place) == 1
    WRITES["settle"](journal, made)
    assert postgres.end_sessions(postgres_place) == 1
    assert journal.counts("job").total() == 10


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_session_that_ends_inside_a_write_is_made_anew_and_the_write_happens_once(
    postgres_store, undisturbed, write, monkeypatch, postgres
):
    under = postgres_store.database()
    journal = postgres_store.over(under)
    made = scene(journal)
    change, ended = under.change, []

    def change_and_end(statement, values):
        found = change(statement, values)
        if not ended:
            ended.append(postgres.end_sessions(postgres_store.name))
        return found

    monkeypatch.setattr(under, "change", change_and_end)
    write(journal, made)
    assert ended == [1]
    assert told(postgres_store.dump()) == undisturbed(write)


def test_a_holder_that_freezes_inside_a_write_loses_it(postgres_store, monkeypatch):
    monkeypatch.setattr(
        postgres_module, "_WRITE", postgres_module._WRITE.replace("'60s'", "'100ms'")
    )
    under = postgres_store.database()
    journal = postgres_store.over(under)
    made = scene(journal)
    other = postgres_store.open()
    change, frozen = under.change, []

    def change_and_freeze(statement, values):
        found = change(statement, values)
        if not frozen:
            frozen.append(statement)
            postgres_store.set_clock("lease_until", -1)  # waits until the frozen session is gone
            other.claim("job", OTHER)
        return found

    before = told(postgres_store.dump())
    monkeypatch.setattr(under, "change", change_and_freeze)
    with pytest.raises(JournalError, match="taken job 'job' over"):
        WRITES["settle"](journal, made)
    assert told(postgres_store.dump())["rows"] == before["rows"]


def test_who_waits_too_long_for_another_session_gives_up(postgres_store, monkeypatch):
    monkeypatch.setattr(
        postgres_module, "_WRITE", postgres_module._WRITE.replace("'30s'", "'50ms'")
    )
    journal = postgres_store.open()
    made = scene(journal)
    with psycopg.connect(postgres_store.url) as held:
        held.execute("SELECT * FROM leadgateway_jobs FOR UPDATE")
        with pytest.raises(JournalError, match="lock timeout"):
            journal.keep(made.lease)
    journal.keep(made.lease)


@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_what_the_server_undid_for_another_session_is_done_again(postgres_store, code):
    under = postgres_store.database()
    postgres_store.over(under)
    tries = []

    def work():
        tries.append(code)
        if len(tries) < 3:
            under.run(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$", {})
        return "done"

    assert under.write(work) == "done"
    with pytest.raises(JournalError):
        under.write(lambda: under.run(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$", {}))


def test_a_commit_that_the_server_refuses_for_another_session_is_done_again(postgres_store):
    journal = postgres_store.open()
    made = scene(journal)
    postgres_store.sql("CREATE SEQUENCE commits")
    postgres_store.sql(
        "CREATE FUNCTION refuse_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('commits') = 1 THEN RAISE SQLSTATE '40001'; END IF; RETURN NULL; END $$"
    )
    postgres_store.sql(
        "CREATE CONSTRAINT TRIGGER refuse_first AFTER UPDATE ON leadgateway_jobs"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_first()"
    )
    journal.resend(made.lease, made.request)
    [request] = journal.open_intents("job", 9)
    assert request.sends == 2
    assert postgres_store.sql("SELECT last_value FROM commits")[0]["last_value"] > 1


# The server itself


@pytest.fixture
def own_server():
    """Run a server that this test may stop."""
    with running(programs()) as server:
        yield server


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "crash"])
def test_a_restart_of_the_server_is_waited_for(postgres, own_server, how):
    name = own_server.make_place()
    store = PostgresStore(own_server.place_url(name))
    journal = store.open()
    made = scene(journal)
    own_server.stop(how)
    starting = threading.Timer(0.3, own_server.start)
    starting.start()
    WRITES["settle"](journal, made)
    starting.join()
    assert not journal.open_intents("job", 9)
    assert [end for _, end in journal.arrivals("job")].count("t-i1") == 1
    store.close()


def test_a_server_that_stays_away_stops_the_job_and_may_come_back(postgres, own_server):
    store = PostgresStore(own_server.place_url(own_server.make_place()))
    pauses = []
    journal = store.open(sleep=pauses.append)
    made = scene(journal)
    assert pauses == [0.0]
    pauses.clear()
    own_server.stop()
    with pytest.raises(JournalError, match="cannot be reached") as away:
        journal.keep(made.lease)
    assert pauses == sorted(pauses)
    assert sum(pauses) > 10
    assert str(own_server.folder) not in str(away.value)
    own_server.start()
    journal.keep(made.lease)
    store.close()


def test_a_journal_that_was_closed_does_not_come_back(postgres_store):
    journal = postgres_store.open()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.list_jobs()


# What is no place for a journal


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s3cr%2Fet@127.0.0.1:1/leads",
        "postgresql://ana.invalid:s3cr/et@127.0.0.1:1/leads",
        "postgresql://ana@127.0.0.1:1/leads?password=s3cr/et&connect_timeout=1",
        "postgresql://127.0.0.1:1/s3cr/et",
        "postgresql://s3cr.invalid/et:1/",
        "postgresql://ana.invalid:s3cr/et@[::1",
        "postgresql://ana.invalid:s3cr/et@127.0.0.1/?no_such_option=s3cr/et",
        "postgresql://ana:%zz@127.0.0.1/s3cr/et",
        "postgresql://127.0.0.1:1,s3cr.invalid:1/leads",
        "postgresql://s3cr.invalid:1,et.invalid:1/leads",
        'postgresql://s3cr"et.invalid:1/leads',
        "postgresql://s3cr'et.invalid:1/leads",
    ],
)
def test_no_part_of_a_url_is_in_a_message(url):
    with pytest.raises((ConfigError, JournalError)) as refused:
        open_postgres(url)
    said = str(refused.value)
    assert "PostgreSQL" in said
    for part in ("s3cr", "et@", "et.", "ana", "leads", "zz", "invalid"):
        assert part not in said.replace("cannot be reached", "").replace("leadgateway", "")
    assert refused.value.__suppress_context__


def test_a_wrong_password_or_database_is_told_without_either(postgres):
    with pytest.raises(JournalError, match=r'database "\.\.\." does not exist'):
        open_postgres(postgres.url("nowhere"))
    with pytest.raises(JournalError, match=r'database "\.\.\." does not exist'):
        open_postgres(postgres.url('s3cr"et'))
    with pytest.raises(JournalError, match=r'role "\.\.\." does not exist'):
        open_postgres(postgres.url("postgres", user="ana:secret"))


def test_a_database_in_another_encoding_is_refused(postgres):
    name = postgres.make_database("LATIN1")
    with pytest.raises(JournalError, match="LATIN1: make one with ENCODING 'UTF8'"):
        open_postgres(postgres.url(name))
    assert _tables(postgres.url(name)) == []
    postgres.drop_database(name)


def test_tables_of_somebody_else_are_left_alone(postgres_store):
    postgres_store.sql("CREATE TABLE leadgateway_rows (mine text)")
    with pytest.raises(JournalError, match="already exists"):
        postgres_store.open()
    assert _tables(postgres_store.url) == ["leadgateway_rows"]


def test_a_role_that_may_make_no_tables_is_told_so_and_may_use_those_there_are(postgres):
    name = postgres.make_database()
    postgres.administer(f"CREATE ROLE {name} LOGIN")
    as_role = postgres.url(name, user=name)

    def administer(statement):
        with psycopg.connect(postgres.url(name), autocommit=True) as connection:
            connection.execute(statement)

    administer("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(JournalError, match="permission denied for schema public"):
        open_postgres(as_role)
    administer(f"GRANT CREATE ON SCHEMA public TO {name}")
    open_postgres(as_role).close()
    administer(f"REVOKE CREATE ON SCHEMA public FROM {name}")
    journal = open_postgres(as_role)
    journal.open_job(job())
    journal.close()
    postgres.drop_database(name)
    postgres.administer(f"DROP ROLE {name}")


def test_texts_travel_as_they_are_whatever_the_environment_says(postgres_store, monkeypatch):
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    journal = postgres_store.open()
    lease = begin(journal)
    journal.stage(lease, staged("日本"), None, last=True)
    assert [row.source_id for row in journal.rows("job")] == ["日本"]


def test_a_commit_is_on_disk_whatever_the_server_would_do_by_itself(postgres_store):
    store = PostgresStore(postgres_store.url + "%20-csynchronous_commit%3Doff")
    under = store.database()
    store.over(under)
    shown = [lambda: under.run("SHOW synchronous_commit", {})]
    assert under.read(*shown) == [("off",)]
    assert under.write(*shown) == [("on",)]
    store.close()


def _tables(url):
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'leadg%' AND relnamespace ="
            " current_schema()::regnamespace"
        )
        return [name for (name,) in found]
