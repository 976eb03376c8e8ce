"""After a fork each process has connections of its own: none hears what another one asked."""

import asyncio
import os

import pytest
from tests.drivers.wire import Wire
from tests.forked import FORKS, forked

from leadgateway import Lead, aconnect, connect

pytestmark = FORKS


@pytest.fixture
def server():
    """Answer each request with the number of its connection."""

    def script(line):
        number = served.connections
        while line.request():
            line.answer(b'{"connection": %d}' % number)

    served = Wire(script)
    yield served
    served.close()


@pytest.fixture(params=["httpx", "httpx2", "aiohttp-async", "httpx-async", "httpx2-async"])
def ask(request, server):
    """Ask on one connection, opened once, which connection it is that answers."""
    client, _, asynchronous = request.param.partition("-")
    told = {"base_url": server.url, "token": "t", "client": client, "deadline": 5}
    if not asynchronous:
        with connect("v1_leads", **told) as crm:
            yield lambda: number(crm.request("GET", "/"))
        return
    crm, runners = aconnect("v1_leads", **told), {os.getpid(): asyncio.Runner()}

    def asked():
        runner = runners.setdefault(os.getpid(), asyncio.Runner())
        return number(runner.run(crm.request("GET", "/")))

    yield asked
    with runners[os.getpid()] as runner:
        runner.run(crm.close())


def number(response):
    return response.document().value["connection"]


def test_a_forked_process_asks_on_a_connection_of_its_own(ask):
    assert [ask(), ask()] == [1, 1]
    assert [forked(ask), forked(ask)] == [2, 3]
    assert ask() == 1


def test_a_forked_process_keeps_its_own_connection_too(ask):
    ask()
    assert forked(lambda: ask() * 10 + ask()) == 22


def test_a_forked_process_that_closes_the_connection_closes_its_own(server):
    with connect("v1_leads", base_url=server.url, token="t") as crm:
        assert number(crm.request("GET", "/")) == 1
        assert forked(lambda: crm.close() or 0) == 0
        assert number(crm.request("GET", "/")) == 1


def test_each_process_has_its_own_memory_of_a_file(tmp_path):
    lines = tmp_path / "leads.jsonl"
    with connect(str(lines)) as file:
        file.create_lead(Lead(name="Ana"), lenient=True)
        assert forked(lambda: len([file.create_lead(Lead(name="Bo"), lenient=True)])) == 1
        file.create_lead(Lead(name="Cy"), lenient=True)
        assert [lead.name.full for lead in file.list_leads()] == ["Ana", "Bo", "Cy"]
