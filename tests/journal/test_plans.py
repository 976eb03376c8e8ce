"""How SQLite finds rows: what a job holds already does not slow down what is written to it."""

import re

import pytest

from leadgateway.journal import statements

BY_NUMBER = (
    "INTEND_ROWS", "SETTLE_ROW", "LINK", "REQUEUE", "CLOSE_REQUEUED", "STILL_ON_THE_WAY",
    "OPEN_WITHOUT", "UNLINK", "OUTDATE", "ROW", "ROWS_AT", "OPEN_FOR",
)  # fmt: skip
IN_ORDER = ("PENDING", "ROWS", "ROWS_OF_STATE", "ARRIVALS", "INTENTS_AFTER", "OPEN_INTENTS")


@pytest.fixture
def plan(sqlite_store):
    """Tell how a statement is carried out, step by step."""
    database = sqlite_store.database()
    sqlite_store.over(database)

    def told(name):
        statement = getattr(statements, name)
        values = dict.fromkeys(["seqs", "intents", *re.findall(r":(\w+)", statement)], "1")
        steps = database.read(lambda: database.run(f"EXPLAIN QUERY PLAN {statement}", values))
        return [detail for _, _, _, detail in steps]

    return told


@pytest.mark.parametrize("name", BY_NUMBER)
def test_rows_that_are_asked_for_by_their_numbers_are_found_by_them(plan, name):
    steps = plan(name)
    assert any("INTEGER PRIMARY KEY" in step for step in steps)
    assert not [
        step for step in steps if re.search(r"SCAN leadg|leadgateway_rows_\w+ \(job=", step)
    ]


def test_what_is_in_doubt_elsewhere_is_found_lead_by_lead(plan):
    assert any("(job=? AND link=?)" in step for step in plan("HOLD_BACK"))
    assert not any("SCAN leadgateway_rows" in step for step in plan("IN_DOUBT"))


@pytest.mark.parametrize("name", IN_ORDER)
def test_what_is_read_page_by_page_is_not_sorted_for_each_page(plan, name):
    assert not [step for step in plan(name) if "TEMP B-TREE" in step]


@pytest.mark.parametrize("name", ["SHARED", "SUPERSEDED"])
def test_what_is_asked_of_a_whole_job_does_not_walk_over_others_for_each_of_its_rows(plan, name):
    assert any("AUTOMATIC COVERING INDEX (target_id=?)" in step for step in plan(name))
