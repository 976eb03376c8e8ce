"""Two processes, one journal, one account: the vendor refuses neither of them."""

import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import orjson
import pytest
from tests.transfer.trust import sharer

from leadgateway.simulator.rates import Window as Allowance
from leadgateway.simulator.serve import in_thread
from leadgateway_v1_leads.simulator import V1LeadsSimulator

LIMIT, SECONDS, EACH = 40, 4, 30


class Strict(V1LeadsSimulator):
    """Counts in short windows, so that a test sees some of them end."""

    quotas: ClassVar = {"default": (Allowance(LIMIT, SECONDS),)}

    def __init__(self):
        super().__init__(leads=1)
        self.statuses = []

    def answer(self, call, match):
        given = super().answer(call, match)
        self.statuses.append(given.status)
        return given


@pytest.fixture(params=["sqlite", "postgres"])
def journal_url(request, tmp_path):
    """Offer a place for a journal in each store."""
    if request.param == "sqlite":
        return str(tmp_path / "private" / "journal.db")
    server = request.getfixturevalue("postgres")
    return server.place_url(request.getfixturevalue("postgres_place"))


def start(told):
    return subprocess.Popen(
        [sys.executable, str(Path(sharer.__file__)), orjson.dumps(told).decode()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_two_processes_fill_one_quota_and_neither_is_refused(journal_url):
    simulator = Strict()
    with in_thread(simulator) as running:
        told = {
            "journal": journal_url,
            "settings": dict(running.settings),
            "window": [LIMIT, SECONDS],
            "requests": EACH,
        }
        with start(told) as one, start(told) as other:
            for process in (one, other):
                assert process.stdout.readline() == b"ready\n"
            for process in (one, other):
                process.stdin.write(b"\n")
                process.stdin.flush()
            assert (one.wait(), other.wait()) == (0, 0)
    assert simulator.statuses == [200] * (2 * EACH)
