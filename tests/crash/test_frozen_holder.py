"""A process that stands still while another takes its job over sends nothing when it wakes (K7)."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.crash.cases import LEADS, ROUTES, expected, found, launched, source_rows

from leadgateway.errors import JobLocked

VICTIM = Path(__file__).with_name("victim.py")
LEASE = 1.0
INTENDED = ["UPDATE leadgateway_rows SET", "before COMMIT", "after COMMIT"]
ANSWERED = ["after POST"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name.replace(" ", "-"))
@pytest.mark.parametrize("moment", [INTENDED, ANSWERED], ids=["before-it-leaves", "answered"])
def test_k7_a_holder_that_was_frozen_finds_its_job_taken_and_stops(route, moment, tmp_path):
    with ExitStack() as stack:
        source, target = launched(stack, route.source), launched(stack, route.target)
        source.load(source_rows(route.source))
        asked = {
            "source": source.settings, "target": {**target.settings, **route.settings},
            "journal": str(tmp_path / "journal.db"), "lease_seconds": LEASE, "concurrency": 1,
        }  # fmt: skip
        frozen = stack.enter_context(started({**asked, "freeze_after": moment}))
        _, status = os.waitpid(frozen.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        taken = as_soon_as_free(asked)
        assert taken.get("state") == "done", taken
        assert found(target) == expected(route)
        frozen.send_signal(signal.SIGCONT)
        woken = told(frozen)
        assert woken["exit"] == 6, woken
        assert "another process has taken job" in woken["error"]
        assert found(target) == expected(route)
        assert sum(taken["counts"].values()) == LEADS


def as_soon_as_free(asked):
    """Start until the lease of the frozen process has run out; return how the job ended then."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with started(asked) as process:
            ended = told(process)
        if ended["exit"] != JobLocked.exit_code:
            return ended
        time.sleep(LEASE / 4)
    raise AssertionError("the lease never ran out")


@contextmanager
def started(asked):
    process = subprocess.Popen(
        [sys.executable, VICTIM, json.dumps(asked)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(process):
    said, _ = process.communicate(timeout=60)
    return json.loads(said.splitlines()[-1])
