"""Whose lead is whose: what a look-up may conclude, and what it must leave in doubt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.fault_proxy import lose_response, reset
from tests.transfer.engine.world import email, mega_row, once_each

from leadgateway.lead import Lead
from leadgateway.transfer.lookup import Doubt, identity_of, judge

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


@pytest.mark.parametrize("target", ["novala", "v1_leads"])
def test_what_somebody_changed_meanwhile_is_nobodys_to_guess(world, target):
    here = world(target, 1)

    def changed_at_once(exchange):
        exchange.forward()
        [row] = here.target.tenant.leads
        name = {"name": "Someone Else"} if "name" in row else {"lastName": "Else"}
        here.target.tenant.leads.put({**row, **name})
        return False

    here.wire.on(changed_at_once)
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
