"""Connections on the event loop, byte by byte: what waits, what ends, what never leaves."""

import asyncio
import socket
from types import SimpleNamespace

import httpcore
import pytest

from leadgateway.drivers.streams import LoopBackend, LoopStream, readable


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.did = []
        self.closing = False

    def write(self, data):
        self.did.append(data)

    def pause_reading(self):
        self.did.append("pause")

    def resume_reading(self):
        self.did.append("resume")

    def is_closing(self):
        return self.closing

    def abort(self):
        self.did.append("abort")


@pytest.fixture
def stream():
    made = LoopStream(httpcore)
    made.transport = Transport()
    made.connection_made(made.transport)
    return made


def test_what_is_written_leaves_in_one_piece_when_an_answer_is_waited_for(stream):
    async def main():
        await stream.write(b"head ")
        await stream.write(b"body")
        assert stream.transport.did == []
        stream.data_received(b"answer")
        assert await stream.read(3) == b"ans"
        assert await stream.read(9) == b"wer"

    asyncio.run(main())
    assert stream.transport.did == [b"head body"]


def test_what_was_not_waited_for_never_leaves(stream):
    async def main():
        await stream.write(b"head")
        await stream.aclose()

    asyncio.run(main())
    assert stream.transport.did == ["abort"]


def test_nothing_is_written_on_a_closing_connection_whose_last_words_are_still_read(stream):
    async def main():
        stream.data_received(b"too much")
        stream.eof_received()
        stream.transport.closing = True
        await stream.write(b"more")
        return await stream.read(99), await stream.read(99)

    assert asyncio.run(main()) == (b"too much", b"")
    assert stream.transport.did == []


def test_too_much_at_once_waits_outside_until_it_was_read(stream):
    async def main():
        stream.data_received(bytes(200_000))
        stream.data_received(bytes(200_000))
        stream.data_received(bytes(1))
        assert stream.transport.did == ["pause"]
        assert len(await stream.read(300_000)) == 300_000
        assert stream.transport.did == ["pause"]
        assert len(await stream.read(300_000)) == 100_001
        stream.data_received(b"next")
        assert await stream.read(9) == b"next"

    asyncio.run(main())
    assert stream.transport.did == ["pause", "resume"]


def test_a_connection_that_breaks_off_is_an_error_that_names_its_kind_only(stream):
    async def main():
        reading = asyncio.create_task(stream.read(9))
        await asyncio.sleep(0)
        stream.connection_lost(ConnectionResetError("canary"))
        with pytest.raises(httpcore.ReadError, match=r"^ConnectionResetError$"):
            await reading

    asyncio.run(main())


def test_a_wait_that_is_given_up_leaves_no_one_to_wake(stream):
    async def main():
        reading = asyncio.create_task(stream.read(9))
        await asyncio.sleep(0)
        reading.cancel()
        stream.data_received(b"late")
        await asyncio.gather(reading, return_exceptions=True)
        stream.data_received(b"r")
        assert await stream.read(9) == b"later"

    asyncio.run(main())


def test_a_kept_connection_is_spoilt_by_words_an_end_or_what_is_still_unsent():
    ours, theirs = socket.socketpair()

    def made(unsent=0):
        transport = SimpleNamespace(
            get_extra_info=lambda _: ours, get_write_buffer_size=lambda: unsent
        )
        stream = LoopStream(httpcore)
        stream.connection_made(transport)
        return stream

    with ours, theirs:
        assert made().get_extra_info("is_readable") is False
        assert made(unsent=1).get_extra_info("is_readable") is True
        ended, spoken = made(), made()
        ended.eof_received()
        spoken._received += b"x"
        assert ended.get_extra_info("is_readable") is True
        assert spoken.get_extra_info("is_readable") is True
        theirs.send(b"x")
        assert made().get_extra_info("is_readable") is True
    assert readable(made()._transport) is True


def test_the_backend_sleeps_on_the_loop():
    asyncio.run(LoopBackend(httpcore).sleep(0))
