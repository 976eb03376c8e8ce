"""Reading, writing and syncing fail: the journal says so, stays whole, and goes on afterwards."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMPILER = shutil.which("cc")

pytestmark = pytest.mark.skipif(
    COMPILER is None or sys.platform != "linux",
    reason="calls are made to fail by a library that is preloaded: that needs Linux and a C "
    "compiler, such as Debian's gcc with libc6-dev, which CI installs",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Build what makes calls on a journal's files fail."""
    made = tmp_path_factory.mktemp("io") / "failing_io.so"
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-o", made, HERE / "failing_io.c", "-ldl"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return made


@pytest.fixture
def run(library, tmp_path):
    """Let the program work while calls fail, and return what it found."""

    def program(*how):
        done = subprocess.run(
            [sys.executable, "-m", "tests.journal.fails_at_io", tmp_path, *map(str, how)],
            capture_output=True, text=True, check=False, timeout=120, cwd=HERE.parents[1],
            env={**os.environ, "LD_PRELOAD": str(library)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return program


def check(found):
    """Every failure ended a call with exit code 6, and none told of a request that is not known."""
    assert set(found["failures"]) <= {6}
    assert bool(found["failures"]) == bool(found["injected"])
    for seen in found["seen"].values():
        assert (seen["integrity"], seen["adrift"]) == ("ok", 0)
        assert seen["known"] == seen["sent"]


@pytest.mark.parametrize(("kind", "least"), [("write", 100), ("read", 5), ("sync", 5)])
def test_whichever_call_fails_the_journal_says_so_and_stays_whole(run, kind, least):
    *failing, calm = run("each", kind)
    assert len(failing) >= least
    assert calm["failures"] == []
    for found in failing:
        assert (found["injected"], found["failures"]) == (1, [6])
        check(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["write", "sync", "read"])
def test_calls_that_fail_now_and_then_cost_their_pages_and_no_others(run, kind, seed):
    [found] = run("now-and-then", kind, 0.02 if kind == "write" else 0.2, seed)
    assert found["injected"]
    check(found)
