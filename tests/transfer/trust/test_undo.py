"""Undo: what the job made and nobody touched goes; everything else stays, with its reason."""

import csv
import io
import json
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.transfer.trust.cabinet import Cabinet, CabinetSimulator

from leadgateway.capabilities import Operation
from leadgateway.errors import ConfigError, JobLocked, JournalError
from leadgateway.journal import Holder, RowState, Settlement
from leadgateway.mapping import (
    CREATE_AND_UPDATE,
    Choice,
    Field,
    Flag,
    Limit,
    Needs,
    Use,
)
from leadgateway.taxonomy import LeadStatus
from leadgateway.transfer.restore import Fate
from leadgateway.transfer.undo import CSV_HEADER, UndoRow, undo, undo_limits
from leadgateway_mega.adapter import Mega
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.adapter import Novala
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.adapter import V1Leads
from leadgateway_v1_leads.simulator import V1LeadsSimulator


class Clock:
    """A time of day that stands still until it is told to go on."""

    def __init__(self):
        self.at = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)

    def __call__(self):
        return self.at

    def later(self):
        self.at += timedelta(hours=1)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def moved(move, clock):
    """Twelve leads of Novala in an empty cabinet."""
    source = NovalaSimulator(leads=12, seed=3, rate_limits=False)
    moving = move(source, CabinetSimulator(clock=clock))
    moving.migrate()
    clock.later()
    return moving


def touch(moving, clock, target_id, **values):
    """Change a lead at the target as a person there would."""
    row = moving.target_site.tenant.leads.get(target_id)
    stamp = clock.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    moving.target_site.tenant.leads.put({**row, **values, "changed": stamp})


def source_change(moving, source_id, **values):
    leads = moving.source_site.tenant.leads
    leads.put({**leads.get(source_id), **values})


def test_a_job_is_taken_back_whole(moved):
    assert len(moved.target_site.files) == 12
    found = moved.undo()
    assert found.complete
    assert found.fates == {Fate.DELETED: 12}
    assert moved.target_site.files == []


def test_undoing_again_finds_nothing_left(moved):
    moved.undo()
    again = moved.undo()
    assert again.complete
    assert again.fates == {Fate.ALREADY: 12}


def test_what_was_taken_back_is_moved_again_by_a_later_job(moved):
    moved.undo()
    moved.migrate("second")
    assert moved.journal.counts("second") == {RowState.CREATED: 12}
    assert len(moved.target_site.files) == 12


def test_undoing_again_leaves_what_a_later_job_moved_as_it_is(moved):
    moved.undo()
    moved.migrate("second")
    assert moved.undo().fates == {Fate.ALREADY: 12}
    moved.migrate("third")
    assert moved.journal.counts("third") == {RowState.SKIPPED: 12}
    assert len(moved.target_site.files) == 12


def test_looking_only_tells_the_same_and_changes_nothing(moved):
    found = moved.undo(look_only=True)
    assert found.looked_only
    assert found.fates == {Fate.DELETED: 12}
    assert len(moved.target_site.files) == 12


def test_a_lead_that_somebody_changed_stays(moved, clock):
    first, second, third = [row.target_id for row in moved.rows()[:3]]
    touch(moved, clock, first, memo="called back")
    touch(moved, clock, second)
    stored = moved.target_site.tenant.leads.get(third)
    moved.target_site.tenant.leads.put({**stored, "who": "Changed Without A Stamp"})
    found = moved.undo()
    assert found.fates == {Fate.DELETED: 9, Fate.KEPT: 3}
    assert {row["id"] for row in moved.target_site.files} == {first, second, third}
    reasons = {row.target_id: row.reason for row in found.left}
    assert reasons[first] == "it was changed at the target, last on 2031-05-06 08:08:09 UTC"
    assert reasons[second] == reasons[first]
    assert reasons[third] == "it was changed at the target: name"


def test_a_lead_to_which_somebody_added_something_without_a_stamp_stays(moved):
    rows = moved.rows()
    leads = moved.target_site.tenant.leads
    noted = next(row.target_id for row in rows if not leads.get(row.target_id)["memo"])
    leads.put({**leads.get(noted), "memo": "call her back"})
    found = moved.undo()
    assert found.fates == {Fate.DELETED: 11, Fate.KEPT: 1}
    assert {row.target_id: row.reason for row in found.left} == {
        noted: "it was changed at the target: notes",
    }


@pytest.mark.parametrize(
    ("word", "fate"), [("new", Fate.DELETED), ("odd", Fate.KEPT), ("won", Fate.KEPT)]
)
def test_what_a_vendor_says_of_a_new_lead_by_itself_is_nobody_s_addition(moved, word, fate):
    adapter = moved.target.opened.adapter
    words = {"new": LeadStatus.NEW, "won": LeadStatus.CONVERTED}
    status = Field("status", "state", Choice(words, LeadStatus.UNKNOWN), on=CREATE_AND_UPDATE)
    flag = Field("qualified", "good", Flag(), on=CREATE_AND_UPDATE)
    adapter.table = adapter.table.overridden([status, flag])
    leads = moved.target_site.tenant.leads
    for row in moved.rows():
        leads.put({**leads.get(row.target_id), "state": word, "good": False})
    assert moved.undo().fates == {fate: 12}


def test_a_lead_into_which_a_later_job_merged_another_stays(moved):
    into, *_ = moved.rows()
    twin = {**moved.source_site.tenant.leads.get(into.source_id), "id": "twin"}
    moved.source_site.tenant.leads.put(twin)
    moved.migrate("second")
    [made] = moved.journal.rows("second", [RowState.CREATED])
    moved.target_site.gone.add(made.target_id)
    merged = Settlement(made.seq, RowState.MERGED, into.target_id, "email")
    lease = moved.journal.claim("second", Holder(1, "nowhere"))
    moved.journal.settle(lease, [merged])
    moved.journal.release(lease)
    found = moved.undo()
    assert found.fates == {Fate.DELETED: 11, Fate.KEPT: 1}
    assert [(row.source_id, row.reason) for row in found.left] == [
        (into.source_id, "another lead of the source was merged into it")
    ]


def test_a_lead_that_was_there_before_the_job_is_not_touched(move, clock):
    target = CabinetSimulator(leads=5, seed=8, clock=clock)
    before = list(target.files)
    moving = move(NovalaSimulator(leads=3, seed=3, rate_limits=False), target)
    moving.migrate()
    assert moving.undo().complete
    assert target.files == before


def test_what_is_gone_already_is_done(moved):
    moved.target_site.gone.add(moved.rows()[0].target_id)
    assert moved.undo().fates == {Fate.DELETED: 11, Fate.ALREADY: 1}


@pytest.fixture
def changed(moved, clock):
    """A second job after two leads changed at their source: both are updated."""
    first, second, *_ = (row.source_id for row in moved.rows())
    custom = {"site_count": 99, "newsletter": False, "bedrooms": "many"}
    source_change(moved, first, email="new@example.com", notes="fresh", customFields=custom)
    source_change(moved, second, firstName="Renamed", companyName="Other Ltd")
    clock.later()
    ids = moved.targets("job")
    before = {each: dict(moved.target_site.tenant.leads.get(ids[each])) for each in (first, second)}
    moved.migrate("second")
    assert moved.journal.counts("second") == {RowState.UPDATED: 2, RowState.SKIPPED: 10}
    clock.later()
    return moved, before


def file_of(moving, source_id):
    return moving.target_site.tenant.leads.get(moving.targets("job")[source_id])


def without_stamp(row):
    return {key: value for key, value in row.items() if key != "changed"}


def test_a_change_is_taken_back_to_what_was_there(changed):
    moving, before = changed
    assert all(
        without_stamp(file_of(moving, each)) != without_stamp(before[each]) for each in before
    )
    looked = moving.undo("second", look_only=True)
    assert looked.fates == {Fate.RESTORED: 2}
    found = moving.undo("second")
    assert found.complete
    assert found.fates == {Fate.RESTORED: 2}
    for each, row in before.items():
        assert without_stamp(file_of(moving, each)) == without_stamp(row)
    assert moving.undo("second").fates == {Fate.ALREADY: 2}


def test_a_change_that_was_taken_back_is_made_again_by_a_later_job(changed):
    moving, _ = changed
    moving.undo("second")
    moving.migrate("third")
    assert moving.journal.counts("third") == {RowState.UPDATED: 2, RowState.SKIPPED: 10}


def test_only_fields_that_are_still_ours_are_taken_back(changed, clock):
    moving, before = changed
    first, _ = before
    touch(moving, clock, moving.targets("job")[first], mail="later@example.com")
    found = moving.undo("second")
    assert found.fates == {Fate.PARTLY: 1, Fate.RESTORED: 1}
    [row] = found.left
    assert (row.source_id, row.reason) == (first, "changed since: emails")
    now = file_of(moving, first)
    assert now["mail"] == "later@example.com"
    assert (now["memo"], now["extra"]) == (before[first]["memo"], before[first]["extra"])


def test_where_everything_was_changed_since_nothing_is_written(changed, clock):
    moving, before = changed
    first, _ = before
    theirs = {"mail": "later@example.com", "memo": "theirs", "extra": {"x": "y"}}
    touch(moving, clock, moving.targets("job")[first], **theirs)
    stored = file_of(moving, first)
    found = moving.undo("second")
    assert found.fates == {Fate.KEPT: 1, Fate.RESTORED: 1}
    assert file_of(moving, first) == stored
    assert found.left[0].reason.startswith("changed since: ")


def test_what_the_vendor_cannot_empty_is_said(moved, clock):
    first = moved.rows()[0].source_id
    target_id = moved.targets("job")[first]
    touch(moved, clock, target_id, firm=None, who="Nobody")
    source_change(moved, first, companyName="Brought Ltd", firstName="Brought", lastName="In")
    moved.migrate("second")
    clock.later()
    found = moved.undo("second")
    assert found.fates == {Fate.PARTLY: 1}
    assert found.left[0].reason == "the vendor cannot take back: company.name"
    now = moved.target_site.tenant.leads.get(target_id)
    assert (now["who"], now["firm"]) == ("Nobody", "Brought Ltd")


def test_where_nothing_can_be_taken_back_nothing_is_written(moved, clock):
    first = moved.rows()[0].source_id
    target_id = moved.targets("job")[first]
    touch(moved, clock, target_id, firm=None)
    source_change(moved, first, companyName="Brought Ltd")
    moved.migrate("second")
    stored = moved.target_site.tenant.leads.get(target_id)
    assert stored["firm"] == "Brought Ltd"
    clock.later()
    assert moved.undo("second").fates == {Fate.KEPT: 1}
    assert moved.target_site.tenant.leads.get(target_id) == stored


def test_rules_that_forbid_the_change_now_keep_it(changed):
    moving, _ = changed
    adapter = moving.target.opened.adapter
    needs = (Needs((("never",),), on=frozenset({Use.UPDATE})),)
    adapter.table = replace(adapter.table, needs=needs)
    assert {row.reason.partition(":")[0] for row in moving.undo("second").left} == {
        "the rules have changed"
    }


def test_a_lead_that_is_gone_needs_no_restoring(changed):
    moving, before = changed
    moving.target_site.gone.update(moving.targets("job")[each] for each in before)
    assert moving.undo("second").fates == {Fate.ALREADY: 2}


def test_without_a_before_image_a_change_stays(changed):
    moving, _ = changed
    moving.journal.purge("second")
    found = moving.undo("second")
    assert found.fates == {Fate.KEPT: 2}
    assert {row.reason for row in found.left} == {
        "what was written to it has been purged from the journal"
    }


def settle(moving, seq, state, **values):
    lease = moving.journal.claim("job", Holder(1, "nowhere"))
    moving.journal.settle(lease, [Settlement(seq, state, **values)])
    moving.journal.release(lease)


def test_a_change_that_the_journal_has_no_image_of_stays(moved):
    row = moved.rows()[0]
    settle(moved, row.seq, RowState.UPDATED, target_id=row.target_id)
    [left] = moved.undo().left
    assert (left.fate, left.reason) == (Fate.KEPT, "what it was like before is not in the journal")


def test_what_was_merged_and_what_nobody_knows_stays(moved):
    merged, unknown, into, *_ = moved.rows()
    settle(moved, merged.seq, RowState.MERGED, target_id=into.target_id, matched_by="email")
    settle(moved, unknown.seq, RowState.UNKNOWN, reason="no answer")
    found = moved.undo()
    assert found.fates == {Fate.DELETED: 9, Fate.KEPT: 2, Fate.UNKNOWN: 1}
    assert {row.source_id: row.reason for row in found.left} == {
        merged.source_id: "it was there before the job, and what it was like then is not known",
        into.source_id: "another lead of the source was merged into it",
        unknown.source_id: "nobody knows whether the job made it",
    }


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (MegaSimulator, "the vendor documents no delete"),
        (NovalaSimulator, "the vendor documents no delete"),
        (V1LeadsSimulator, "the vendor documents no delete"),
    ],
)
def test_where_nothing_can_be_undone_everything_is_listed(move, target, reason):
    moving = move(CabinetSimulator(leads=6, seed=3), target(rate_limits=False))
    moving.migrate()
    rows = list(moving.target_site.tenant.leads)
    found = moving.undo()
    assert found.fates == {Fate.KEPT: 6}
    assert {row.reason for row in found.left} == {reason}
    assert list(moving.target_site.tenant.leads) == rows


def test_the_list_is_made_for_a_table(moved):
    moved.target_site.tenant.leads.put(
        {**moved.target_site.tenant.leads.get(moved.rows()[0].target_id), "who": 'A, "B"'}
    )
    found = moved.undo()
    out = io.StringIO()
    csv.writer(out).writerows([CSV_HEADER, *(row.cells for row in found.left)])
    [read] = csv.DictReader(io.StringIO(out.getvalue()))
    row = moved.rows()[0]
    assert read == {
        "source_id": row.source_id, "target_id": row.target_id, "outcome": "created",
        "fate": "kept", "reason": "it was changed at the target: name",
    }  # fmt: skip


def test_what_cannot_be_undone_is_said_beforehand():
    assert undo_limits(Cabinet.capabilities) == ()
    assert undo_limits(Novala.capabilities) == (
        "Leads that were created stay: the vendor documents no delete.",
        "Leads that were changed stay as they are: the vendor documents no update.",
    )
    assert undo_limits(V1Leads.capabilities) == (
        "Leads that were created stay: the vendor documents no delete.",
    )
    assert len(undo_limits(Mega.capabilities)) == 3
    blind = replace(
        Cabinet.capabilities, operations=Cabinet.capabilities.operations - {Operation.GET}
    )
    assert [line.partition(":")[0] for line in undo_limits(blind)] == [
        "Leads that were created stay", "Leads that were changed stay as they are",
    ]  # fmt: skip


@pytest.fixture
def powers(monkeypatch):
    """Take powers away from the vendor."""

    def take(*lost):
        able = Cabinet.capabilities
        monkeypatch.setattr(
            Cabinet, "capabilities", replace(able, operations=able.operations - set(lost))
        )

    return take


def test_who_cannot_look_does_not_delete(moved, powers):
    powers(Operation.GET)
    found = moved.undo()
    assert found.fates == {Fate.KEPT: 12}
    assert "nobody can tell who changed it" in found.left[0].reason


def test_without_update_a_change_stays(changed, powers):
    moving, _ = changed
    powers(Operation.UPDATE)
    assert {row.reason for row in moving.undo("second").left} == {"the vendor documents no update"}


def test_a_vendor_that_shows_no_times_keeps_what_was_made(moved):
    adapter = moved.target.opened.adapter
    adapter.table = replace(
        adapter.table, rules=tuple(r for r in adapter.table.rules if r.paths != ("updated_at",))
    )
    found = moved.undo()
    assert {row.reason for row in found.left} == {"the vendor does not show when it was changed"}


def fault(moving, method, **what):
    url = moving.target.settings.base_url.removesuffix("/v1")
    body = json.dumps({"method": method, "path": "/v1/drawer/{id}", **what}).encode()
    urllib.request.urlopen(  # noqa: S310  # loopback
        urllib.request.Request(f"{url}/_simulator/faults", body, method="POST")  # noqa: S310
    ).close()


def test_a_delete_that_is_refused_or_lost_says_so(moved):
    fault(moved, "DELETE", times=1, status=409, body='{"oops": "in use"}')
    fault(moved, "DELETE", times=1, skip=1, after=True, raw="")
    fault(moved, "DELETE", times=1, skip=2, status=404, body="{}")
    found = moved.undo()
    assert found.fates == {Fate.DELETED: 9, Fate.KEPT: 1, Fate.UNKNOWN: 1, Fate.ALREADY: 1}
    kept, unknown = found.left
    assert "in use" in kept.reason
    assert "undo the job once more to find out" in unknown.reason
    again = moved.undo()
    assert again.complete
    assert again.fates == {Fate.DELETED: 2, Fate.ALREADY: 10}


def test_a_restoring_that_is_refused_or_lost_says_so(changed):
    moving, _ = changed
    fault(moving, "PATCH", times=1, status=400, body='{"oops": "locked"}')
    fault(moving, "PATCH", times=1, after=True, raw="")
    found = moving.undo("second")
    assert found.fates == {Fate.KEPT: 1, Fate.UNKNOWN: 1}
    assert "locked" in found.left[0].reason
    assert "undo the job once more" in found.left[1].reason
    assert moving.undo("second").fates == {Fate.RESTORED: 1, Fate.ALREADY: 1}


def narrower(moving, size):
    """Let the rules of today keep less of a memo than those that wrote it."""
    table = moving.target.opened.adapter.table
    short = replace(table.by_path["notes"], limit=Limit(size))
    moving.target.opened.adapter.table = table.overridden([short])


def test_what_was_written_is_known_whatever_the_rules_are_now(moved):
    narrower(moved, 3)
    adapter = moved.target.opened.adapter
    adapter.table = replace(adapter.table, needs=(Needs((("never",),)),))
    assert moved.undo(look_only=True).fates == {Fate.DELETED: 12}
    touched = moved.rows()[0].target_id
    stored = moved.target_site.tenant.leads.get(touched)
    moved.target_site.tenant.leads.put({**stored, "who": "Somebody Else"})
    found = moved.undo()
    assert found.fates == {Fate.DELETED: 11, Fate.KEPT: 1}
    assert found.left[0].reason == "it was changed at the target: name"


def test_a_change_is_taken_back_whatever_the_rules_are_now(changed):
    moving, before = changed
    narrower(moving, len("fresh") - 1)
    assert moving.undo("second").fates == {Fate.RESTORED: 2}
    for each, row in before.items():
        assert without_stamp(file_of(moving, each)) == without_stamp(row)


def test_where_nobody_remembers_what_was_written_rules_that_forbid_it_now_keep_it(moved):
    database = moved.journal._database
    database.write(lambda: database.run("UPDATE leadgateway_leads SET fields = NULL", {}))
    adapter = moved.target.opened.adapter
    table = adapter.table
    adapter.table = replace(table, needs=(Needs((("never",),)),))
    assert {row.reason for row in moved.undo().left} == {
        "the rules have changed, so what was written to it cannot be told"
    }
    adapter.table = table
    assert moved.undo().fates == {Fate.DELETED: 12}


def test_a_job_that_somebody_works_on_is_not_undone(moved):
    lease = moved.journal.claim("job", Holder(1, "elsewhere"))
    with pytest.raises(JobLocked):
        moved.undo()
    assert len(moved.target_site.files) == 12
    moved.journal.release(lease)


def test_another_target_or_no_job_is_refused(moved):
    with pytest.raises(JournalError):
        moved.undo("other")
    with pytest.raises(ConfigError):
        moved.run(undo(moved.source, moved.journal, "job"))


def test_a_row_of_the_list_is_plain_text():
    row = UndoRow("1", "2", "created", Fate.KEPT, "why")
    assert row.cells == ("1", "2", "created", "kept", "why")
