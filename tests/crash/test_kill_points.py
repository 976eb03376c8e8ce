"""Killed anywhere, once or twice, and started again: each lead is there exactly once."""

import json
import os
import random
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.crash.cases import LEADS, ROUTES, expected, found, launched, source_rows

FULL = os.environ.get("LEADGATEWAY_CRASH_FULL") == "1"
VICTIM = Path(__file__).with_name("victim.py")
SIGKILL = 9
PAGE_SIZE = BATCH_SIZE = 5


class Ward:
    """One route's two vendors, and the process whose children are killed between them."""

    def __init__(self, stack: ExitStack, route, ask) -> None:
        self.route = route
        self._ask = ask
        self.source = launched(stack, route.source)
        self.source.load(source_rows(route.source))
        self.target = launched(stack, route.target)
        assert len(self.source.dump()) == LEADS

    def run(self, journal: str, **kill):
        """Migrate in a child, which dies where `kill` says."""
        return self._ask(
            source=self.source.settings,
            target={**self.target.settings, **self.route.settings},
            journal=journal,
            page_size=PAGE_SIZE,
            batch_size=BATCH_SIZE if self.route.merges else None,
            **kill,
        )


@pytest.fixture(scope="module")
def ask():
    command = [sys.executable, VICTIM, "--serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def asked(**what):
            process.stdin.write(json.dumps(what) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield asked
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.fixture(scope="module", params=ROUTES, ids=lambda route: route.name.replace(" ", "-"))
def ward(request, ask):
    with ExitStack() as stack:
        yield Ward(stack, request.param, ask)


@contextmanager
def sqlite_journal(_request, folder):
    yield str(folder / "journal.db")


@contextmanager
def postgres_journal(request, _folder):
    server = request.getfixturevalue("postgres")
    name = server.make_place()
    try:
        yield server.place_url(name)
    finally:
        server.drop_place(name)


STORES = {"sqlite": sqlite_journal, "postgres": postgres_journal}
KINDS = {"sqlite": 16, "postgres": 6}
"""How many kinds of moments an ordinary run picks one of each from; a full one takes them all."""


@pytest.mark.parametrize("store", STORES)
def test_killed_anywhere_and_resumed_nothing_is_lost_and_nothing_doubled(
    ward, store, request, tmp_path_factory
):
    def journal():
        return STORES[store](request, tmp_path_factory.mktemp("journal"))

    ward.target.clear()
    with journal() as where:
        whole = ward.run(where, watched=True)
    assert whole.get("state") == "done", whole.get("error")
    assert found(ward.target) == expected(ward.route)
    points = list(enumerate(whole["points"], 1))
    assert len(points) > 100
    assert {"before POST", "after POST", "before COMMIT", "after COMMIT"} <= set(whole["points"])

    tried = killed = 0
    for number, (index, label) in enumerate(points if FULL else chosen(points, KINDS[store])):
        for twice in (False, True) if FULL else (number % 2 == 1,):
            ward.target.clear()
            with journal() as where:
                tried += 1
                killed += killed_and_resumed(ward, where, index, label, twice=twice)
    assert killed > tried * 0.8


def chosen(points, most):
    """Return one point of each kind, picked by the seed that pytest-randomly prints."""
    kinds = {}
    for point in points:
        kinds.setdefault(point[1], []).append(point)
    return random.sample([random.choice(kind) for kind in kinds.values()], min(most, len(kinds)))


def killed_and_resumed(ward, where, index, label, *, twice):
    """Return whether the run was killed: no two are alike, so the last points may not come."""
    about = f"{ward.route.name}, killed at {index} ({label}), {'twice' if twice else 'once'}"
    first = ward.run(where, kill_at=index)
    assert first["signal"] == SIGKILL or len(first["points"]) < index, about
    if twice:
        # What is left to do may hold no such moment any more: then this run ends by itself.
        second = ward.run(where, kill_on=label)
        assert second["signal"] == SIGKILL or second["exit"] == 0, (about, second)
    last = ward.run(where)
    assert last.get("state") == "done", (about, last.get("error"), last.get("counts"))
    assert last["counts"].keys() <= {"created", "merged"}, (about, last["counts"])
    assert sum(last["counts"].values()) == LEADS, (about, last["counts"])
    assert found(ward.target) == expected(ward.route), about
    return first["signal"] == SIGKILL
