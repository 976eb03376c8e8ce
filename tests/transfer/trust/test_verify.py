"""Reading back: what is missing, what differs without notice, and what is nobody's fault."""

import json
from dataclasses import replace
from importlib import import_module

import pytest
from tests.transfer.trust.cabinet import MEMO, CabinetSimulator

from leadgateway.errors import ConfigError, JournalError
from leadgateway.journal import Holder, RowState, Settlement
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Limit, Use
from leadgateway.taxonomy import Fidelity
from leadgateway.transfer.compare import compare
from leadgateway.values import Loss
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

verifying = import_module("leadgateway.transfer.verify")


def novala(leads=0):
    return NovalaSimulator(leads=leads, seed=3, rate_limits=False)


def change(site, lead_id, **values):
    site.tenant.leads.put({**site.tenant.leads.get(lead_id), **values})


def target_ids(moving):
    return [row.target_id for row in moving.rows()]


@pytest.fixture(params=["by id", "by listing"])
def cabinet_move(request, move, monkeypatch):
    monkeypatch.setattr(verifying, "FEW", 100 if request.param == "by id" else 0)
    moving = move(novala(20), CabinetSimulator())
    moving.migrate()
    return moving


def test_what_arrived_whole_agrees_field_by_field(cabinet_move):
    found = cabinet_move.verify()
    assert found.holds
    assert (found.expected, found.found, found.compared) == (20, 20, 20)
    assert found.agreeing["emails"] > 15
    assert found.lost["created_at"] == 20
    assert found.agreeing["name"] + found.lost["name"] == 20


def test_a_value_that_somebody_changed_is_a_fault(cabinet_move):
    first, second = cabinet_move.rows()[:2]
    change(cabinet_move.target_site, first.target_id, mail="someone@else.example")
    change(cabinet_move.target_site, second.target_id, who="Somebody Else")
    found = cabinet_move.verify()
    assert not found.holds
    assert found.faults.counts == {"emails": 1, "name": 1}
    assert found.faults.ids == {"emails": [first.source_id], "name": [second.source_id]}


def test_a_lead_that_is_gone_is_missing(cabinet_move):
    row = cabinet_move.rows()[5]
    cabinet_move.target_site.gone.add(row.target_id)
    found = cabinet_move.verify()
    assert not found.holds
    assert (found.expected, found.found) == (20, 19)
    assert found.missing.rows() == [("created", 1, (row.source_id,))]


def test_what_was_cut_must_be_there_as_it_was_cut(move):
    source = novala(3)
    first, *_ = source.tenant.leads
    change(source, first["id"], notes="x" * 100)
    moving = move(source, CabinetSimulator())
    moving.migrate()
    assert moving.verify().announced.counts["notes", Fidelity.NARROWED, "too_long"] == 1
    there = moving.targets()[first["id"]]
    assert moving.target_site.tenant.leads.get(there)["memo"] == "x" * MEMO
    for memo in (None, "", "x" * (MEMO - 1)):
        change(moving.target_site, there, memo=memo)
        assert moving.verify().faults.counts == {"notes": 1}


def test_few_leads_are_asked_for_by_id_and_many_are_listed(move):
    moving = move(novala(30), CabinetSimulator(leads=400))
    moving.migrate()
    listed = []
    list_leads = moving.target.list_leads
    moving.target.list_leads = lambda **filters: listed.append(filters) or list_leads(**filters)
    assert moving.verify().holds
    assert listed == []
    vendor = move(novala(30), MegaSimulator(rate_limits=False))
    vendor.migrate()
    assert vendor.verify().holds


def test_what_a_list_does_not_show_is_asked_for_by_id(move, monkeypatch):
    monkeypatch.setattr(verifying, "FEW", 0)
    moving = move(novala(10), CabinetSimulator())
    moving.migrate()
    whole = moving.target_site._list

    def briefly(call, access):
        answer = whole(call, access)
        body = json.loads(answer.body)
        files = [{key: row[key] for key in row if key != "mail"} for row in body["files"]]
        return type(answer).of(200, body | {"files": files})

    moving.target_site._list = briefly
    moving.target_site.router = type(moving.target_site.router)(moving.target_site.routes())
    assert moving.verify().holds
    asked = moving.target_site.tenant.leads.get(target_ids(moving)[0])
    change(moving.target_site, asked["id"], mail="someone@else.example")
    assert moving.verify().faults.counts == {"emails": 1}


def test_rows_that_share_a_lead_at_the_target_are_merged_and_stand_apart(move):
    source = novala(4)
    first, second, *_ = source.tenant.leads
    same = {key: first[key] for key in ("email", "firstName", "lastName")}
    change(source, second["id"], **same, phone=None)
    moving = move(source, MegaSimulator(rate_limits=False))
    moving.migrate()
    found = moving.verify()
    assert (found.expected, found.found, found.merged, found.compared) == (4, 4, 2, 2)
    assert found.holds


def test_a_lead_merged_into_one_that_was_there_stands_apart_too(move):
    target = MegaSimulator(leads=3, seed=8, rate_limits=False)
    known = next(iter(target.tenant.leads))
    source = novala(2)
    first, _ = source.tenant.leads
    change(source, first["id"], email=known["contact_email"], phone=None)
    moving = move(source, target)
    moving.migrate()
    found = moving.verify()
    assert (found.merged, found.compared, found.holds) == (1, 1, True)


def test_a_lead_that_two_rows_share_is_asked_for_once(move):
    moving = move(novala(3), CabinetSimulator())
    moving.migrate()
    first, second, _ = moving.rows()
    lease = moving.journal.claim("job", Holder(1, "nowhere"))
    merged = Settlement(second.seq, RowState.MERGED, first.target_id, "email")
    moving.journal.settle(lease, [merged])
    moving.journal.release(lease)
    found = moving.verify()
    assert (found.expected, found.found, found.merged, found.compared) == (3, 3, 2, 1)


def test_leads_that_were_created_as_one_are_missing_where_the_target_does_not_merge(cabinet_move):
    first, second, *_ = cabinet_move.rows()
    lease = cabinet_move.journal.claim("job", Holder(1, "nowhere"))
    same = Settlement(second.seq, RowState.CREATED, first.target_id)
    cabinet_move.journal.settle(lease, [same])
    cabinet_move.journal.release(lease)
    found = cabinet_move.verify()
    assert (found.expected, found.found, found.compared, found.holds) == (20, 18, 18, False)
    named = (first.source_id, second.source_id)
    assert found.missing.rows() == [("created as one lead with others", 2, named)]


def test_what_was_purged_can_only_be_there(move):
    moving = move(novala(5), CabinetSimulator())
    moving.migrate()
    moving.journal.purge("job")
    found = moving.verify()
    assert (found.found, found.purged, found.compared, found.holds) == (5, 5, 0, True)


def test_a_change_is_verified_as_a_creation_is(move):
    moving = move(novala(6), CabinetSimulator())
    moving.migrate("first")
    ids = [row["id"] for row in moving.source_site.tenant.leads]
    change(moving.source_site, ids[0], email="new@example.com", notes="fresh")
    change(moving.source_site, ids[1], companyName=None)
    moving.migrate("second")
    assert moving.journal.counts("second") == {"skipped": 5, "updated": 1}
    found = moving.verify("second")
    assert (found.expected, found.compared, found.holds) == (1, 1, True)


def test_a_change_that_emptied_a_field_is_verified_too(move):
    moving = move(novala(6), CabinetSimulator())
    moving.migrate("first")
    first = next(row for row in moving.source_site.tenant.leads if row["email"])
    change(moving.source_site, first["id"], email=None)
    there = moving.target_site.tenant.leads.get(moving.targets("first")[first["id"]])
    moving.migrate("second")
    assert moving.verify("second").holds
    change(moving.target_site, there["id"], mail=there["mail"])
    found = moving.verify("second")
    assert (found.faults.counts, found.compared) == ({"emails": 1}, 1)


def test_what_another_job_wrote_since_is_not_compared_with_what_was_written_then(move):
    moving = move(novala(6), CabinetSimulator())
    moving.migrate("first")
    first, second, *_ = (row["id"] for row in moving.source_site.tenant.leads)
    change(moving.source_site, first, firstName="Renamed")
    moving.migrate("second")
    found = moving.verify("first")
    assert (found.expected, found.found, found.compared, found.superseded) == (6, 6, 5, 1)
    assert found.holds
    again = moving.verify("second")
    assert (again.compared, again.superseded, again.holds) == (1, 0, True)
    change(moving.target_site, moving.targets("first")[second], who="Somebody Else")
    assert moving.verify("first").faults.counts == {"name": 1}


def test_a_change_of_a_later_job_that_nobody_answered_counts_as_written(move):
    moving = move(novala(2), CabinetSimulator())
    moving.migrate("first")
    first = next(iter(moving.source_site.tenant.leads))
    change(moving.source_site, first["id"], firstName="Renamed")
    moving.migrate("second")
    [row] = moving.journal.rows("second", [RowState.UPDATED])
    lease = moving.journal.claim("second", Holder(1, "nowhere"))
    doubt = Settlement(row.seq, RowState.UNKNOWN, row.target_id)
    moving.journal.settle(lease, [doubt])
    moving.journal.release(lease)
    found = moving.verify("first")
    assert (found.superseded, found.holds) == (1, True)


def test_a_job_that_wrote_nothing_holds_without_a_request(move):
    moving = move(novala(), CabinetSimulator())
    moving.migrate()
    found = moving.verify()
    assert found.holds
    assert found.expected == 0


def test_another_target_or_no_job_is_refused(move):
    moving = move(novala(1), CabinetSimulator())
    moving.migrate()
    with pytest.raises(JournalError, match="no job 'other'"):
        moving.verify("other")
    with pytest.raises(ConfigError, match="wrote to there, not to here"):
        moving.run(verifying.verify(moving.source, moving.journal, "job"))


def test_rules_that_forbid_the_lead_now_leave_it_to_be_compared_with_its_source(move):
    moving = move(CabinetSimulator(leads=3), NovalaSimulator(rate_limits=False))
    moving.migrate()
    stricter = {"required_custom_fields": ("never_there",)}
    again = move(novala(), moving.target_site, **stricter)
    found = again.run(verifying.verify(again.target, moving.journal, "job"))
    assert found.compared == 3
    assert found.holds


def test_a_setting_that_was_changed_after_the_move_is_no_difference(move):
    moving = move(MegaSimulator(leads=20, seed=3, rate_limits=False), novala())
    moving.migrate()
    assert moving.verify().lost["source"] > 0
    again = move(novala(1), moving.target_site, fallback_source="referral")
    found = again.run(verifying.verify(again.target, moving.journal, "job"))
    assert found.holds, found.faults
    assert found == moving.verify()
    fallen_back = next(row for row in moving.rows() if '"fallback"' in row.losses)
    change(moving.target_site, fallen_back.target_id, source="event")
    assert moving.verify().faults.counts == {"capture": 1}
    change(moving.target_site, fallen_back.target_id, email="other@example.com")
    found = again.run(verifying.verify(again.target, moving.journal, "job"))
    assert found.faults.counts == {"emails": 1}


def test_a_rule_that_was_changed_after_a_change_is_no_difference(move):
    source = novala(2)
    first, second = source.tenant.leads
    change(source, first["id"], notes="x" * (MEMO + 5))
    change(source, second["id"], notes="y" * (MEMO + 5))
    moving = move(source, CabinetSimulator())
    moving.migrate("first")
    change(source, first["id"], firstName="Renamed")
    change(source, second["id"], notes="z" * (MEMO + 5))
    moving.migrate("second")
    assert moving.journal.counts("second") == {RowState.UPDATED: 2}
    assert moving.verify("second").holds
    adapter = moving.target.opened.adapter
    narrow = replace(adapter.table.by_path["notes"], limit=Limit(MEMO - 9))
    before, adapter.table = adapter.table, adapter.table.overridden([narrow])
    assert moving.verify("second").holds
    adapter.table = before
    for row in moving.rows("second"):
        change(moving.target_site, row.target_id, memo="q" * MEMO)
    assert moving.verify("second").faults.counts == {"notes": 2}


def test_what_was_found_is_kept_in_the_journal(cabinet_move):
    assert cabinet_move.journal.find_job("job").verification is None
    found = cabinet_move.verify()
    kept = cabinet_move.journal.find_job("job")
    assert kept.verification == found.text()
    change(cabinet_move.target_site, target_ids(cabinet_move)[0], who="Somebody")
    again = cabinet_move.verify()
    assert cabinet_move.journal.find_job("job").verification == again.text() != found.text()


def test_the_v1_lists_leave_out_what_only_one_lead_shows(move, monkeypatch):
    monkeypatch.setattr(verifying, "FEW", 0)
    moving = move(CabinetSimulator(leads=8, seed=3), V1LeadsSimulator(rate_limits=False))
    moving.migrate()
    assert moving.verify().holds


SCORE = Loss(path="score", fidelity=Fidelity.DROPPED, reason="read_only")
KNOWN = Lead(notes="as it was", score=5, custom={"a": 1, "b": "x"})


def test_a_dropped_value_that_is_there_by_chance_is_spared():
    found = compare(KNOWN, KNOWN, Draft({}, (SCORE,), Use.CREATE), Lead(), (SCORE,))
    assert found.spared == ["score"]
    assert found.agreeing == ["custom.a", "custom.b", "notes", "score"]
    assert found.announced == found.faults == []


def test_a_loss_of_a_whole_map_announces_each_of_its_entries():
    loss = Loss(path="custom", fidelity=Fidelity.DROPPED, reason="no_such_field")
    found = compare(KNOWN, Lead(notes="as it was", score=5), None, None, (loss,))
    assert found.lost == ["custom.a", "custom.b"]
    assert found.faults == []


def test_a_vendor_may_announce_more_than_the_draft_did():
    loss = Loss(path="custom.a", fidelity=Fidelity.DROPPED, reason="unknown_custom_field")
    there = KNOWN.model_copy(update={"custom": {"b": "x"}})
    draft = Draft({}, (), Use.CREATE)
    assert compare(KNOWN, there, draft, KNOWN, (loss,)).lost == ["custom.a"]
    assert compare(KNOWN, there, draft, KNOWN, ()).faults == ["custom.a"]
    assert compare(KNOWN, there, draft, KNOWN, ()).unshown == ["custom.a"]


def test_a_number_is_no_flag_and_one_is_one_however_it_is_written():
    there = KNOWN.model_copy(update={"custom": {"a": 1.0, "b": "x"}})
    assert compare(KNOWN, there, None, None, ()).faults == []
    there = KNOWN.model_copy(update={"custom": {"a": True, "b": "x"}})
    assert compare(KNOWN, there, None, None, ()).faults == ["custom.a"]
