"""A vendor that shows by one name what it is given by another: changes are proved and undone."""

import json

import pytest
from tests.transfer.trust.test_undo import Clock, fault, source_change, without_stamp
from tests.transfer.trust.two_names import TwoNamesPlugin, TwoNamesSimulator

from leadgateway.journal import RowState
from leadgateway.transfer.picture import picture, says_more
from leadgateway.transfer.restore import Fate
from leadgateway_novala.simulator import NovalaSimulator


@pytest.fixture
def moved(move):
    """Three leads that were moved, an hour ago; `later` lets one more pass."""
    clock = Clock()
    source = NovalaSimulator(leads=3, seed=3, rate_limits=False)
    for row in list(source.tenant.leads):
        source.tenant.leads.put({**row, "notes": "as it was"})
    moving = move(source, TwoNamesSimulator(clock=clock), plugin=TwoNamesPlugin)
    moving.migrate()
    moving.later = clock.later
    clock.later()
    return moving


def file_of(moving, source_id):
    return dict(moving.target_site.tenant.leads.get(moving.targets()[source_id]))


@pytest.fixture
def changed(moved):
    """The first of them was changed at its source, and moved again; what stood there before."""
    first = moved.rows()[0].source_id
    source_change(moved, first, email="new@example.com", companyName="Other Ltd", notes=None)
    before = file_of(moved, first)
    assert before["memo"]
    moved.migrate("second")
    moved.later()
    return moved, first, before


def test_a_change_keeps_what_stood_where_it_shows(changed):
    moving, first, before = changed
    [row] = [row for row in moving.rows("second") if row.state is RowState.UPDATED]
    assert set(json.loads(row.fields)) == {"new_mail", "new_firm", "new_memo"}
    assert json.loads(row.before) == {
        "card": {"mail": before["card"]["mail"], "firm": before["card"]["firm"]},
        "memo": before["memo"],
    }
    now = file_of(moving, first)
    assert (now["card"]["mail"], now["memo"]) == ("new@example.com", None)
    assert moving.verify("second").holds


def test_a_change_is_taken_back(changed):
    moving, first, before = changed
    assert moving.undo("second").fates == {Fate.RESTORED: 1}
    assert without_stamp(file_of(moving, first)) == without_stamp(before)
    assert moving.undo("second").fates == {Fate.ALREADY: 1}


def test_what_somebody_changed_since_stays(changed):
    moving, first, before = changed
    now = file_of(moving, first)
    theirs = {**now, "card": {**now["card"], "mail": "later@example.com", "pin": "moved"}}
    moving.target_site.tenant.leads.put(theirs)
    found = moving.undo("second")
    assert found.fates == {Fate.PARTLY: 1}
    assert found.left[0].reason == "changed since: emails"
    kept = file_of(moving, first)
    assert kept["card"] == {
        "mail": "later@example.com",
        "firm": before["card"]["firm"],
        "pin": "moved",
    }
    assert kept["memo"] == before["memo"]


@pytest.mark.parametrize("executed", [True, False])
def test_a_change_in_doubt_is_settled_by_what_shows(moved, executed):
    first = moved.rows()[0].source_id
    source_change(moved, first, notes=None)
    fault(moved, "PATCH", times=1, after=executed, raw="")
    moved.migrate("second")
    assert moved.journal.counts("second") == {RowState.UPDATED: 1, RowState.SKIPPED: 2}
    assert file_of(moved, first)["memo"] is None
    asked = "SELECT sends FROM leadgateway_intents WHERE job = 'second'"
    assert moved.journal._database.run(asked, {}) == [(1 if executed else 2,)]


def test_a_picture_has_what_is_asked_for_and_nothing_else():
    raw = {"a": {"b": 1, "c": 2}, "d": [1], "e": None}
    assert picture(raw, {"a": {"b": 9}, "d": None, "x": 1}) == {"a": {"b": 1}, "d": [1], "x": None}
    assert picture(raw, {"a": {}}) == {"a": {"b": 1, "c": 2}}
    assert picture(raw, {"d": {"b": 1}, "e": {"b": 1}}) == {"d": [1], "e": None}


@pytest.mark.parametrize(
    ("shown", "more"),
    [
        ({"a": None}, True),
        ({"a": {"b": None}}, True),
        ({"a": {"b": 7}}, False),
        ({"a": {"x": None}, "e": None, "f": None, "y": None}, False),
        ({"e": {"b": None}}, False),
    ],
)
def test_where_nothing_should_be_something_is_more(shown, more):
    assert says_more({"a": {"b": 1}, "e": None, "f": ""}, shown) is more
