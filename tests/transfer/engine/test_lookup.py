"""Whose lead is whose: what a look-up may conclude, and what it must leave in doubt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.fault_proxy import lose_response, reset, status_before
from tests.transfer.engine.world import email, mega_row, once_each

from leadgateway.lead import Lead
from leadgateway.transfer.lookup import Doubt, identity_of, judge
from leadgateway.transfer.operate import resolve_created

SINCE = datetime(2026, 5, 6, 7, 8, tzinfo=UTC)


def doubt(seq, fitting=(), similar=(), notes="", since=SINCE):
    arrival = Lead(email="ana@example.com", **({"notes": notes} if notes else {}))
    return Doubt(seq, since, arrival, "", list(fitting), list(similar))


def judged(*doubts, taken=()):
    judge(doubts, taken)
    return [each.found or ("?" if each.unclear else None) for each in doubts]


def test_the_one_lead_that_fits_is_it():
    assert judged(doubt(1, ["a"])) == ["a"]


def test_nothing_that_fits_means_that_it_did_not_arrive():
    assert judged(doubt(1)) == [None]
    assert judged(doubt(1, ["a"]), taken=["a"]) == [None]


def test_two_leads_for_one_row_leave_doubt_and_are_named():
    one = doubt(1, ["b", "a"])
    assert judged(one) == ["?"]
    assert one.unclear == "2 leads fit it: a, b"


def test_many_leads_are_named_in_part():
    one = doubt(1, [f"lead-{n}" for n in range(9)])
    judge([one], ())
    assert one.unclear.endswith("lead-4 and 4 more")


def test_twins_share_out_as_many_leads_as_there_are():
    assert sorted(judged(doubt(1, ["a", "b"]), doubt(2, ["a", "b"]))) == ["a", "b"]


def test_of_twins_only_one_of_which_arrived_the_other_leaves_again():
    assert judged(doubt(1, ["a"]), doubt(2, ["a"])) == ["a", None]


def test_rows_that_differ_do_not_share_one_lead():
    assert judged(doubt(1, ["a"]), doubt(2, ["a"], notes="tall")) == ["?", "?"]


def test_the_row_with_fewer_candidates_chooses_first():
    assert judged(doubt(1, ["a", "b"]), doubt(2, ["a"], notes="tall")) == ["b", "a"]


def test_a_contested_lead_leaves_doubt_to_everybody_whom_it_fits():
    rows = doubt(1, ["a"]), doubt(2, ["a"], notes="x"), doubt(3, ["a", "b"], notes="y")
    assert judged(*rows) == ["?", "?", "?"]


def test_a_lead_that_says_something_else_keeps_the_doubt_alive():
    one = doubt(1, similar=["a"])
    assert judged(one) == ["?"]
    assert "may have become a" in one.unclear


def test_unless_it_is_somebody_elses():
    assert judged(doubt(1, similar=["a"]), doubt(2, ["a"], notes="x")) == [None, "a"]
    assert judged(doubt(1, similar=["a"]), taken=["a"]) == [None]


def lead(minutes, **more):
    return Lead(email="ana@example.com", created_at=SINCE + timedelta(minutes=minutes), **more)


@pytest.mark.parametrize(
    ("found", "fitting", "similar"),
    [
        (lead(1), True, False),
        (lead(-9), True, False),
        (lead(-11), False, True),
        (lead(1, notes="other"), False, True),
        (lead(-11, notes="other"), False, False),
        (Lead(email="ana@example.com", notes="tall"), True, False),
    ],
)
def test_a_lead_is_considered_by_what_it_says_and_by_its_age(found, fitting, similar):
    one = doubt(1, notes="tall")
    said = found if found.notes else found.model_copy(update={"notes": "tall"})
    said = Lead(**{k: getattr(said, k) for k in ("emails", "created_at", "notes")})
    one.consider(said, "a")
    assert (one.fitting, one.similar) == (["a"] * fitting, ["a"] * similar)


def test_a_lead_without_contacts_is_known_by_name_and_company():
    assert identity_of(Lead(name="Ana", company="Acme")) == {"name:Ana|Acme"}
    assert identity_of(Lead(email="a@b.example")) == {"email:a@b.example"}


ids = st.sets(st.sampled_from("abcd"), max_size=4)


@given(st.lists(st.tuples(ids, ids, st.sampled_from(["", "x"])), max_size=5), ids)
def test_no_lead_is_given_to_two_rows_and_none_that_belongs_to_another(rows, taken):
    doubts = [doubt(n, fit, alike - fit, notes) for n, (fit, alike, notes) in enumerate(rows)]
    found = [each for each in judged(*doubts, taken=taken) if each not in {None, "?"}]
    assert len(set(found)) == len(found)
    assert taken.isdisjoint(found)
    for each in doubts:
        assert each.found is None or each.found in each.fitting
        # What is said to be absent leaves again: then no lead that fits it may be nobody's.
        if each.absent:
            assert set(each.fitting) <= taken | set(found)


@pytest.mark.parametrize("target", ["novala", "v1_leads"])
def test_twins_in_doubt_are_told_apart_by_number_alone(world, target):
    here = world(target)
    here.load([mega_row(0), mega_row(0), mega_row(0), mega_row(1)])
    here.wire.on(lose_response, times=2)
    here.wire.on(reset, times=1)
    ended = here.run(concurrency=3)
    assert ended.exit_code == 0, [row.reason for row in ended.rows]
    assert here.arrived() == {email(0): 3, email(1): 1}
    assert len({row.target_id for row in ended.rows}) == 4


def changed_at_once(here):
    """The target executes, somebody renames the new lead, and the answer is lost."""

    def fault(exchange):
        exchange.forward()
        [row] = here.target.tenant.leads
        name = {"name": "Someone Else"} if "name" in row else {"lastName": "Else"}
        here.target.tenant.leads.put({**row, **name})
        return False

    return fault


@pytest.mark.parametrize("target", ["novala", "v1_leads"])
def test_what_somebody_changed_meanwhile_is_nobodys_to_guess(world, target):
    here = world(target, 1)
    here.wire.on(changed_at_once(here))
    ended = here.run()
    assert ended.exit_code == 4
    assert "it may have become" in ended.rows[0].reason
    assert here.arrived() == once_each(1)
    assert here.run().exit_code == 4
    assert here.arrived() == once_each(1)


def test_a_lead_that_was_there_before_is_not_taken_for_ours(world):
    here = world("v1_leads", 1)
    old = {"name": "Lead Number 0", "email": email(0), "created_at": "2025-01-01T00:00:00.000Z"}
    here.target.load([{**old, "name": "Somebody"}])
    here.wire.on(reset)
    assert here.run().exit_code == 0
    assert here.arrived() == {email(0): 2}


def test_with_a_mark_the_mark_alone_decides(world):
    here = world("novala", 2)
    here.settings["to"]["marker"] = "external_ref"
    here.wire.on(lose_response)
    here.wire.on(reset)
    ended = here.run(concurrency=1)
    assert ended.exit_code == 0
    assert here.arrived() == once_each(2)
    marks = {row["customFields"]["external_ref"] for row in here.target.tenant.leads}
    assert marks == {f"from:{row.source_id}" for row in ended.rows}


def test_a_mark_that_the_tenant_demands_is_there_when_the_lead_is_sent(world):
    here = world("novala", 2)
    here.settings["to"] |= {"marker": "external_ref", "required_custom_fields": ["external_ref"]}
    ended = here.run()
    assert ended.exit_code == 0
    assert here.arrived() == once_each(2)


@pytest.mark.parametrize("target", ["novala", "v1_leads"])
def test_a_write_lost_over_and_over_is_for_a_later_run_and_not_for_an_operator(world, target):
    here = world(target, 1)
    here.wire.on(reset, times=3)
    ended = here.run()
    assert ended.exit_code == 75
    assert ended.counts == {"unknown": 1}
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(1)


@pytest.mark.parametrize("target", ["novala", "v1_leads"])
def test_after_five_sendings_that_left_nothing_behind_somebody_has_to_look(world, target):
    here = world(target, 1)
    here.wire.on(reset, times=None)
    ends = [here.run() for _ in range(5)]
    assert [end.exit_code for end in ends][-2:] == [4, 4]
    assert "although it left 5 times" in ends[-1].rows[0].reason
    assert len(here.wire.passed()) == 5
    assert here.arrived() == {}


@pytest.mark.parametrize("arrives", [True, False])
def test_a_keyed_write_that_may_leave_no_more_is_looked_for(world, arrives):
    here = world("apollo_space", 1)
    here.wire.on(lose_response if arrives else reset, times=None)
    assert here.run().exit_code == 75
    here.tell("UPDATE leadgateway_intents SET sends = 48")  # so many processes died after it
    ended = here.run()
    assert here.tell("SELECT sends FROM leadgateway_intents") == [(50,)]
    if arrives:
        assert ended.exit_code == 0
        assert here.arrived() == once_each(1)
    else:
        assert ended.exit_code == 4
        assert "although it left 50 times" in ended.rows[0].reason


@pytest.mark.parametrize("target", ["novala", "v1_leads"])
def test_what_one_job_left_in_doubt_no_other_job_sends(world, target):
    here = world(target, 3)
    here.wire.on(changed_at_once(here))
    assert here.run(limit=1).exit_code == 4
    ended = here.run("another")
    assert ended.counts == {"skipped": 1, "created": 2}
    assert "in doubt in another job" in ended.rows[0].reason
    assert here.arrived() == once_each(3)
    journal = here.journal()
    resolve_created(journal, "job", 1, next(iter(here.target.tenant.leads))["id"])
    journal.close()
    third = here.run("third")
    assert third.counts == {"skipped": 3}
    assert {row.reason for row in third.rows} == {"unchanged since it was moved"}
    assert here.arrived() == once_each(3)


@pytest.mark.parametrize("target", ["novala", "v1_leads", "apollo_space"])
def test_what_another_job_moved_meanwhile_is_not_moved_by_one_that_goes_on(world, target):
    here = world(target, 4)
    here.wire.on(status_before(403), nth=2, times=None)
    assert here.run(concurrency=1).exit_code == 2
    here.wire.calm()
    assert here.run("another").exit_code == 0
    ended = here.run()
    assert ended.exit_code == 0
    assert ended.counts == {"created": 1, "skipped": 3}
    assert here.arrived() == once_each(4)


def test_what_another_job_moved_meanwhile_and_has_changed_since_is_changed(world):
    here = world("v1_leads", 2)
    here.wire.on(status_before(403), times=None)
    assert here.run().exit_code == 2
    here.wire.calm()
    assert here.run("another").exit_code == 0
    for row in list(here.target.tenant.leads):
        here.target.tenant.leads.put({**row, "name": "Somebody"})
    here.tell("UPDATE leadgateway_links SET digest = 'another'")
    assert here.run().counts == {"updated": 2}
    assert here.arrived() == once_each(2)


def test_a_dead_process_of_another_job_leaves_doubt_too(world):
    here = world("v1_leads", 2)
    here.wire.on(lose_response, times=None)
    here.run()
    here.tell("UPDATE leadgateway_rows SET state = 'intent'")
    here.tell("UPDATE leadgateway_links SET target_id = NULL, digest = NULL")
    here.wire.calm()
    ended = here.run("another")
    assert ended.counts == {"skipped": 2}
    assert all("in doubt in another job" in row.reason for row in ended.rows)
    assert here.arrived() == once_each(2)
