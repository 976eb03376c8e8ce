"""What goes wrong with batches: rows L2 to L10 of the table of faults."""

import json
from math import log2

import pytest
from tests.services.fault_proxy import (
    edit,
    honest,
    lose_response,
    reset,
    status_after,
    status_before,
)
from tests.transfer.engine.world import email, novala_row, once_each

LEADS = 16


def sizes(here):
    return [len(json.loads(post.body)["leads"]) for post in here.wire.passed()]


def test_l2_each_row_of_a_batch_is_settled_by_itself(world):
    here = world("mega")
    here.load([novala_row(0), novala_row(1), novala_row(1, id=ID), novala_row(2)])
    ended = here.run()
    assert ended.exit_code == 0
    assert ended.counts == {"created": 3, "merged": 1}
    [merged] = [row for row in ended.rows if row.state == "merged"]
    assert merged.matched_by == "email"  # L8
    assert [row.target_id for row in ended.rows].count(merged.target_id) == 2
    assert here.arrived() == once_each(3)


ID = "00000000-0000-4000-8000-000000000001"


def test_l3_a_batch_refused_for_one_lead_is_bisected_until_that_lead_is_alone(world):
    here = world("mega", LEADS)
    here.wire.on(refuse_batch_with(email(11)), times=None)
    ended = here.run()
    assert ended.exit_code == 3
    assert ended.counts == {"created": LEADS - 1, "failed": 1}
    [failed] = [row for row in ended.rows if row.state == "failed"]
    assert "one row is no good" in failed.reason
    assert failed.payload is not None
    assert len(here.wire.passed()) - 1 <= 2 * log2(LEADS) + 1
    keys = [post.headers["idempotency-key"] for post in here.wire.passed()]
    assert len(set(keys)) == len(keys)
    assert sorted(here.arrived()) == sorted(email(n) for n in range(LEADS) if n != 11)


def refuse_batch_with(address):
    """Refuse every batch that holds the lead with this address, and no other."""

    def fault(exchange):
        if address.encode() not in exchange.request:
            exchange.answer(exchange.forward())
            return True
        body = json.dumps(
            {"error": {"type": "invalid_request_error", "message": "one row is no good"}}
        )
        return status_before(400, body.encode())(exchange)

    return fault


def test_l4_a_partial_answer_for_a_batch_of_which_nothing_was_stored_stays_in_doubt(world):
    here = world("mega", 3)
    body = json.dumps({"dry_run": False, "summary": {}, "results": []}).encode()
    here.wire.on(status_before(207, body), times=None)
    ended = here.run()
    assert ended.exit_code == 75
    assert ended.counts == {"unknown": 3}
    here.wire.calm()
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)


def results(change):
    def changed(body):
        answer = json.loads(body)
        change(answer)
        return json.dumps(answer).encode()

    return edit(changed)


def test_l5_rows_in_another_order_are_told_apart_by_their_reference(world):
    here = world("mega", LEADS)
    here.wire.on(results(lambda answer: answer["results"].reverse()))
    ended = here.run()
    assert ended.exit_code == 0
    ids = {row["id"]: row["contact_email"] for row in here.target.tenant.leads}
    sources = {row["id"]: row["email"] for row in here.source.tenant.leads}
    assert all(ids[row.target_id] == sources[row.source_id] for row in ended.rows)


SPOILT = {
    "missing": lambda answer: answer["results"].pop(3),
    "doubled": lambda answer: answer["results"].append(answer["results"][0]),
    "foreign": lambda answer: answer["results"][2].update(row_ref="77"),
    "miscounted": lambda answer: answer["summary"].update(created=1),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_l5_an_answer_that_does_not_fit_its_batch_leaves_doubt_and_the_key_settles_it(
    world, spoilt
):
    here = world("mega", LEADS)
    here.wire.on(results(SPOILT[spoilt]))
    ended = here.run()
    assert ended.exit_code == 0
    assert ended.counts == {"created": LEADS}
    assert here.arrived() == once_each(LEADS)
    one, again = here.wire.passed()
    assert one.body == again.body
    assert one.headers["idempotency-key"] == again.headers["idempotency-key"]


@pytest.mark.parametrize("fault", [lose_response, status_after(500), status_after(502)])
def test_l6_a_batch_without_an_answer_leaves_again_as_it_was(world, fault):
    here = world("mega", LEADS)
    here.wire.on(fault, times=2)
    ended = here.run()
    assert ended.exit_code == 0
    assert ended.counts == {"created": LEADS}
    assert len({(p.body, p.headers["idempotency-key"]) for p in here.wire.passed()}) == 1
    assert here.arrived() == once_each(LEADS)


def test_l10_batches_are_counted_apart_from_other_requests(world):
    here = world("mega", 2)
    here.settings["to"]["rate_limits"] = True
    assert here.run().exit_code == 0
    assert max(here.time.slept, default=0) < 6


def test_a_batch_whose_key_ran_out_is_looked_up_lead_by_lead(world):
    here = world("mega", LEADS)
    here.wire.on(lose_response, times=None)
    assert here.run().exit_code == 75
    here.wire.calm()
    # Of what arrived, three leads are taken away: those alone have to leave again.
    gone = {email(1), email(4), email(9)}
    here.lose(*(r["id"] for r in here.target.tenant.leads if r["contact_email"] in gone))
    here.tell("UPDATE leadgateway_intents SET at = at - 90000")
    here.target.tenant.replays.clear()
    before = len(here.wire.passed())
    ended = here.run()
    assert ended.exit_code == 0
    assert sum(here.arrived().values()) == LEADS
    assert sizes(here)[before:] == [3]


def test_a_stop_between_the_halves_leaves_the_rest_pending(world):
    here = world("mega", LEADS)
    here.wire.on(status_before(413))
    here.wire.on(status_before(403), times=None)
    ended = here.run()
    assert ended.exit_code == 2
    assert ended.counts == {"pending": LEADS}
    here.wire.calm()
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(LEADS)


def test_a_resent_batch_that_is_refused_is_made_anew(world):
    here = world("mega", 8)
    here.wire.on(lose_response, times=None)
    here.run()
    here.wire.calm()
    here.target.tenant.leads.clear()
    here.target.tenant.replays.clear()
    here.wire.on(refuse_batch_with(email(5)), times=None)
    ended = here.run()
    assert ended.exit_code == 3
    assert ended.counts == {"created": 7, "failed": 1}
    assert sum(here.arrived().values()) == 7


def test_a_refused_second_sending_doubles_no_lead_that_the_target_could_not_merge(world):
    """Without an address and a number nothing tells the target that a lead is there already."""
    here = world("mega", 3)
    here.load([novala_row(7, email=None, phone=None)])
    here.wire.on(lose_response)
    here.wire.on(status_before(400, b'{"error": {"message": "not today"}}'))
    here.run()
    ended = here.run()
    assert ended.exit_code == 0, ended.rows
    assert len(here.target.tenant.leads) == 4
    assert ended.counts == {"created": 4}


def test_a_batch_in_doubt_that_is_refused_is_looked_for_and_halved_not_repeated(world):
    here = world("mega", 5)
    here.load([novala_row(7, email=None, phone=None)])

    def refuse_one(exchange):
        if b"Number 2" in exchange.request:
            return status_before(400, b'{"error": {"message": "bad row"}}')(exchange)
        return honest(exchange)

    here.wire.on(reset)
    here.wire.on(refuse_one, times=None)
    first = here.run()
    assert (first.exit_code, first.counts) == (75, {"pending": 6})
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (3, {"created": 5, "failed": 1})
    assert len(here.target.tenant.leads) == 5
    leads_sent = [len(json.loads(post.body)["leads"]) for post in here.wire.passed()]
    assert leads_sent.count(6) == 4


def test_a_process_that_dies_over_and_over_leaves_nothing_to_an_operator(world):
    here = world("mega", 4)
    here.load([novala_row(5, customFields={"nobody_knows": "x"})])  # what arrives says less
    here.wire.on(lose_response, times=None)
    for _ in range(4):
        assert here.run().exit_code == 75
    here.wire.calm()
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"created": 5})
    assert sum(here.arrived().values()) == 5


def test_what_cannot_be_told_from_others_is_sent_anew_where_the_target_merges(world):
    here = world("mega", 3)
    here.load([novala_row(5, customFields={"nobody_knows": "x"})])
    here.wire.on(lose_response, times=None)
    assert here.run().exit_code == 75
    here.wire.calm()
    here.tell("UPDATE leadgateway_intents SET at = at - 90000")
    here.target.tenant.replays.clear()
    ended = here.run()
    assert ended.exit_code == 0, ended.rows
    assert ended.counts == {"created": 3, "merged": 1}
    assert here.arrived() == {email(number): 1 for number in (0, 1, 2, 5)}


def test_what_cannot_be_told_from_others_and_is_not_merged_stays_in_doubt(world):
    here = world("mega", 2)
    here.load([novala_row(5, email=None, phone=None, customFields={"nobody_knows": "x"})])
    here.wire.on(lose_response, times=None)
    assert here.run().exit_code == 75
    here.wire.calm()
    here.tell("UPDATE leadgateway_intents SET at = at - 90000")
    here.target.tenant.replays.clear()
    ended = here.run()
    assert ended.exit_code == 4
    assert ended.counts == {"created": 2, "unknown": 1}
    assert len(here.target.tenant.leads) == 3


def test_what_is_to_be_sent_anew_when_all_else_is_done_keeps_the_job_from_its_end(world):
    here = world("mega", 2)
    here.wire.on(edit(lambda _body: b"{}"))
    here.wire.on(status_before(400, b'{"error": {"message": "not today"}}'))
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (75, {"pending": 2})
    assert "sent anew" in str(ended.error)
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"merged": 2})
    assert here.arrived() == once_each(2)


def two_of_three(body):
    answer = json.loads(body)
    return json.dumps({**answer, "results": answer["results"][:2]}).encode()


def test_a_job_whose_data_was_purged_settles_what_is_still_in_doubt(world):
    here = world("mega", 3)
    here.wire.on(edit(two_of_three), times=None)
    assert here.run().counts == {"created": 2, "unknown": 1}
    journal = here.journal()
    assert journal.purge("job") == 0
    journal.close()
    here.wire.calm()
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"created": 3})
    journal = here.journal()
    assert journal.purge("job") == 3
    journal.close()
