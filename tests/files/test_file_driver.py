"""What a driver of a file answers, how it fails, and that nothing half-written stays."""

import asyncio
import errno
import os
import threading
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path

import pytest
from tests.files.rows import FILE, lead

from leadgateway.adapter import Outcome
from leadgateway.drivers import appending
from leadgateway.drivers.choose import async_driver_for, driver_for
from leadgateway.drivers.files import AsyncFileDriver, FileDriver
from leadgateway.errors import BadResponse, ConfigError, CursorError, OutcomeUnknown, Unavailable
from leadgateway.exchange import Request
from leadgateway.files.file_adapter import _view
from leadgateway.files.settings import FileSettings
from leadgateway.gateway import Gateway


@pytest.fixture
def connection(folder):
    """A connection whose retries take no time."""
    with Gateway(environ={}, sleep=lambda _: None).connect(FILE) as opened:
        yield opened


def test_the_driver_is_told_by_the_settings():
    settings = FileSettings(file="x.jsonl")
    assert isinstance(driver_for(settings, 1), FileDriver)
    assert isinstance(async_driver_for(settings, 1), AsyncFileDriver)


def test_a_method_that_no_file_has_is_refused(folder):
    answer = FileDriver(Path(FILE)).send(Request("DELETE", "file:x"))
    assert answer.status == 405
    with pytest.raises(BadResponse):
        _view(answer)


@pytest.mark.parametrize("face", ["sync"], indirect=True)
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_regular_file_is_refused(face, folder, make):
    make(folder / FILE)
    connection = face.open(FILE)
    with pytest.raises(ConfigError, match=r"out\.jsonl: this is no regular file"):
        list(connection.list_leads())
    with pytest.raises(ConfigError, match=r"out\.jsonl: this is no regular file"):
        connection.create_lead(lead("1"))
    with pytest.raises(ConfigError, match="no regular file"):
        connection.check()


def test_a_missing_folder_and_a_file_as_a_folder_are_refused(face, folder):
    connection = face.open("nowhere/out.jsonl")
    for use in (connection.check, lambda: connection.create_lead(lead("1"))):
        with pytest.raises(ConfigError, match=r"nowhere/out\.jsonl: the folder of the file"):
            use()
    (folder / "file").write_text("")
    with pytest.raises(ConfigError, match="Not a directory"):
        list(face.open("file/out.jsonl").list_leads())


def test_a_folder_that_takes_no_file_is_not_said_to_be_missing(connection, monkeypatch):
    def refuse(*_args):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", FILE)

    monkeypatch.setattr(appending.os, "open", refuse)
    with pytest.raises(ConfigError, match=r"out\.jsonl: no file can be made in its folder"):
        connection.create_lead(lead("1"))


def test_a_file_that_may_not_be_opened_is_refused(connection, monkeypatch):
    def refuse(*_args):
        raise PermissionError(errno.EACCES, "Permission denied", FILE)

    monkeypatch.setattr(appending.os, "open", refuse)
    with pytest.raises(ConfigError, match="cannot be used: Permission denied"):
        connection.create_lead(lead("1"))


def test_a_folder_that_cannot_be_opened_does_not_matter(connection, monkeypatch):
    real = os.open

    def refuse(path, flags, *mode):
        if not mode:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *mode)

    monkeypatch.setattr(appending.os, "open", refuse)
    assert connection.create_lead(lead("1")).outcome is Outcome.CREATED


def test_a_disk_that_fails_to_read_is_away(connection, folder, monkeypatch):
    (folder / FILE).write_text("")

    def fail(*_args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("leadgateway.drivers.files.stamp_of", fail)
    with pytest.raises(Unavailable, match="Input/output error"):
        list(connection.list_leads())


def full(room: int):
    """Return a write that finds room for so many bytes, each time it is tried again."""
    real, most = os.write, room

    def write(number, data):
        nonlocal room
        if room == 0:
            room = most
            raise OSError(errno.ENOSPC, "No space left on device")
        done = real(number, data[:room])
        room -= done
        return done

    return write


def test_a_full_disk_leaves_the_file_as_it_was(connection, folder, monkeypatch):
    connection.create_lead(lead("1"))
    before = (folder / FILE).read_bytes()
    with monkeypatch.context() as full_disk:
        full_disk.setattr(appending.os, "write", full(room=30))
        with pytest.raises(Unavailable, match="No space left"):
            connection.create_lead(lead("2"))
    assert (folder / FILE).read_bytes() == before
    assert connection.create_lead(lead("2")).doubt is None
    assert list(connection.list_leads()) == [lead("1"), lead("2")]


def test_a_disk_that_cannot_take_back_leaves_a_doubt_that_a_repeat_settles(
    connection, folder, monkeypatch
):
    def fail(*_args):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(appending.os, "write", full(room=30))
        broken.setattr(appending.os, "ftruncate", fail)
        with pytest.raises(OutcomeUnknown):
            connection.create_lead(lead("1"))
    assert (folder / FILE).stat().st_size == 30
    assert connection.create_lead(lead("1")).outcome is Outcome.CREATED
    assert list(connection.list_leads()) == [lead("1")]


def test_a_write_in_small_pieces_is_whole(connection, monkeypatch):
    real = os.write
    monkeypatch.setattr(appending.os, "write", lambda number, data: real(number, data[:7]))
    connection.create_many([lead("1"), lead("2")])
    assert list(connection.list_leads()) == [lead("1"), lead("2")]


def test_a_file_that_changes_within_a_page_is_noticed(folder):
    (folder / "leads.csv").write_text("name\n" + "Ana\n" * 9)

    class Changing(FileDriver):
        def send(self, request):
            answer = super().send(request)
            with (folder / "leads.csv").open("a") as file:
                file.write("Bia\n")
            return answer

    driver = Changing(folder / "leads.csv")
    with (
        Gateway(environ={}).connect("leads.csv", driver=driver) as connection,
        pytest.raises(CursorError, match="changed since its reading began"),
    ):
        list(connection.list_leads())


def test_one_process_at_a_time_writes(connection, folder):
    connection.create_lead(lead("1"))
    done = threading.Event()

    def write():
        connection.create_lead(lead("2"))
        done.set()

    with (folder / FILE).open("rb+") as other:
        flock(other, LOCK_EX)
        thread = threading.Thread(target=write)
        thread.start()
        assert not done.wait(0.2)
        flock(other, LOCK_UN)
    thread.join(10)
    assert done.is_set()
    assert list(connection.list_leads()) == [lead("1"), lead("2")]


def test_two_connections_write_one_file_without_doubling(folder):
    gateway = Gateway(environ={})
    many = [lead(str(n)) for n in range(60)]
    with gateway.connect(FILE) as one, gateway.connect(FILE) as other:
        threads = [
            threading.Thread(target=lambda c=c: [c.create_lead(each) for each in many])
            for c in (one, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = [each.ref.id for each in one.list_leads()]
    assert sorted(found) == sorted(each.ref.id for each in many)


def test_closing_forgets_and_the_file_stays(folder):
    async def main():
        driver = AsyncFileDriver(Path(FILE))
        await driver.close()
        await driver.close()

    asyncio.run(main())
    with Gateway(environ={}).connect(FILE) as connection:
        connection.create_lead(lead("1"))
        assert list(connection.list_leads()) == [lead("1")]
    assert list(connection.list_leads()) == [lead("1")]
    connection.close()
