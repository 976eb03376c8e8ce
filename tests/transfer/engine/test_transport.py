"""What a broken transport does to a job: rows T1 to T23 of the table of faults."""

import asyncio
import json

import pytest
from tests.services.fault_proxy import (
    drip,
    hang_after,
    lose_response,
    refuse_from_now_on,
    reset,
    status_after,
    status_before,
    twice,
)
from tests.transfer.engine.world import once_each, without

from leadgateway.errors import AuthError, JournalError, Paused
from leadgateway.journal import JobState
from leadgateway.transfer.halt import Halt
from leadgateway.transfer.operate import unknown_rows
from leadgateway_apollo_space.adapter import ApolloSpace
from leadgateway_mega.adapter import Mega
from leadgateway_novala.adapter import Novala

LEADS = 4
KEYED = ["apollo_space", "mega"]
LOOKED_UP = ["novala", "v1_leads"]
ALL = [*KEYED, *LOOKED_UP]
LOST = {
    "T1 response lost": lose_response,
    "T4 reset before": reset,
    "T6 500 after": status_after(500),
    "T7 502 before": status_before(502),
    "T7 503 before": status_before(503),
    "T7 504 before": status_before(504),
    "T17 408": status_after(408),
    "T17 425": status_after(425),
    "T22 207": status_after(207),
    "T22 202": status_after(202),
    "T22 204": status_after(204, b""),
    "T22 299": status_after(299),
}


def is_settled(world, ended, leads=LEADS):
    """Every lead is at the target once, and the job says so."""
    assert ended.exit_code == 0, (ended.error, [row.reason for row in ended.rows])
    assert ended.counts == {"created": leads}
    assert world.arrived() == once_each(leads)
    return True


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("fault", LOST)
def test_a_write_without_an_answer_is_settled_and_never_doubled(world, target, fault):
    here = world(target, LEADS)
    here.wire.on(LOST[fault])
    assert is_settled(here, here.run())
    posts = [post for post in here.wire.passed() if post.fault]
    assert len(posts) == 1


@pytest.mark.parametrize("target", KEYED)
@pytest.mark.parametrize("fault", ["T1 response lost", "T4 reset before", "T6 500 after"])
def test_a_keyed_write_is_sent_again_with_the_same_key_and_the_same_bytes(world, target, fault):
    here = world(target, LEADS)
    here.wire.on(LOST[fault])
    here.run()
    posts = here.wire.passed()
    [spoilt] = [post for post in posts if post.fault]
    again = [p for p in posts if not p.fault and p.body == spoilt.body]
    assert [post.headers["idempotency-key"] for post in again] == [
        spoilt.headers["idempotency-key"]
    ]


def test_t2_without_any_means_nothing_is_sent_again_and_the_operator_is_told_everything(
    world, monkeypatch
):
    without(Novala, monkeypatch, lookup=None)
    here = world("novala", 1)
    here.wire.on(lose_response)
    ended = here.run()
    assert ended.exit_code == 4
    assert ended.record.state is JobState.NEEDS_OPERATOR
    assert here.run().exit_code == 4
    [post] = here.wire.passed()
    journal = here.journal()
    [row] = unknown_rows(journal, "job")
    journal.close()
    assert row.source_id == ended.rows[0].source_id
    assert row.body_bytes == len(post.body)
    assert len(row.body_sha256) == 64
    assert row.sends == 1
    assert row.sent_at is not None
    assert "no way to find out" in row.why


def test_t3_a_lead_that_is_listed_late_is_waited_for_and_found(world):
    here = world("novala", 1)
    here.settings["to"]["settle_seconds"] = 5
    here.wire.on(lose_response)
    late = status_after(200, b'{"data": [], "nextCursor": null, "hasMore": false}')
    here.wire.on(late, "GET", nth=2)  # the first one is the preflight
    assert is_settled(here, here.run(), leads=1)
    assert here.time.slept == [5]
    assert len(here.wire.passed()) == 1


@pytest.mark.parametrize("target", ALL)
def test_t5_a_target_that_is_gone_leaves_rows_pending_and_pauses_the_job(world, target):
    here = world(target, LEADS)
    here.wire.on(refuse_from_now_on, "GET")
    ended = here.run(concurrency=1)
    assert isinstance(ended.error, Paused)
    assert ended.exit_code == 75
    assert ended.counts == {"pending": LEADS}
    assert here.wire.passed() == []
    assert len(here.time.slept) == 4  # five attempts
    here.ends["to"] = (here.ends["to"][0], FreshWire(here))
    ended = here.run(new_config=True)
    assert is_settled(here, ended)


class FreshWire:
    """The way to the target without a proxy on it."""

    def __init__(self, world):
        self.url = world.ends["to"][0].settings["base_url"]


def test_t6_a_vendor_that_stores_its_failures_is_not_asked_with_a_new_key(world, monkeypatch):
    keys = ApolloSpace.capabilities.idempotency
    stores = type(keys)(stores_errors=True)
    without(ApolloSpace, monkeypatch, idempotency=stores, lookup=None)
    here = world("apollo_space", 1)
    here.wire.on(status_after(500, b'{"error": {"code": "internal"}}'), times=None)
    ended = here.run()
    assert ended.exit_code == 4
    assert here.run().exit_code == 4
    posts = here.wire.passed()
    assert len({post.headers["idempotency-key"] for post in posts}) == 1
    assert len({post.body for post in posts}) == 1
    assert len(posts) <= 3 * 5  # three replays show that it is no use, and five sends are the most
    assert here.arrived() == once_each(1)


def test_t7_a_read_is_tried_again(world):
    here = world("novala", LEADS)
    here.from_wire.on(status_before(503), "GET", times=3)
    assert is_settled(here, here.run())


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("fault", [hang_after, drip], ids=["T8", "T9"])
def test_a_write_whose_answer_does_not_end_in_time_is_settled(world, target, fault):
    here = world(target, 2)
    here.settings["to"]["deadline"] = 0.5
    here.wire.on(fault)
    ended = here.run()
    assert ended.exit_code == 0
    assert here.arrived() == once_each(2)


def test_t9_a_source_that_drips_is_away(world):
    here = world("novala", 2)
    here.settings["from"]["deadline"] = 0.3
    here.from_wire.on(drip, "GET", times=None)
    ended = here.run()
    assert ended.exit_code == 75
    assert ended.rows == ()


@pytest.mark.parametrize("target", ALL)
def test_t10_nobody_sends_before_the_time_the_vendor_named(world, target):
    here = world(target, 6)
    here.wire.on(status_before(429, retry_after="7"), nth=1)
    assert is_settled(here, here.run(), leads=6)
    posts = here.wire.passed()
    stopped = next(post for post in posts if post.fault)
    later = [post.at - stopped.at for post in posts if post.at > stopped.at and not post.fault]
    in_flight = [wait for wait in later if wait < 1]
    assert len(in_flight) < 3  # what had left already
    assert all(wait >= 7 for wait in later if wait not in in_flight)


def test_t10_waiting_on_request_burns_no_attempts(world):
    here = world("novala", 1)
    here.wire.on(status_before(429, retry_after="2"), times=12)
    assert is_settled(here, here.run(), leads=1)


@pytest.mark.parametrize("target", ALL)
def test_t11_a_429_without_a_time_is_backed_off_from(world, target):
    here = world(target, LEADS)
    here.wire.on(status_before(429), times=2)
    assert is_settled(here, here.run())
    assert all(0 < pause <= 30 for pause in here.time.slept)


@pytest.mark.parametrize(
    "value", ["Wed, 21 Oct 2015 07:28:00 GMT", "1.5", "-5", "nan", "\u0667", "9" * 5000, ""]
)
def test_t12_an_odd_retry_after_is_none(world, value):
    here = world("novala", 1)
    here.wire.on(status_before(429, retry_after=value.encode().decode("latin-1")))
    assert is_settled(here, here.run(), leads=1)


@pytest.mark.parametrize("target", ALL)
def test_t13_a_wait_of_a_day_pauses_the_job_and_starting_early_asks_nobody(world, target):
    here = world(target, LEADS)
    here.wire.on(status_before(429, retry_after="86400"), times=None)
    ended = here.run()
    assert isinstance(ended.error, Paused)
    assert ended.exit_code == 75
    assert ended.counts == {"pending": LEADS}
    assert max(here.time.slept, default=0) < 900
    journal = here.journal()
    job = journal.find_job("job")
    assert job.state is JobState.PAUSED
    assert 86_000 < job.paused_until - journal.now() <= 86_400
    journal.close()
    requests = len(here.wire.trace), len(here.from_wire.trace)
    early = here.run()
    assert (early.exit_code, early.error.until) == (75, ended.error.until)
    assert requests == (len(here.wire.trace), len(here.from_wire.trace))
    here.wire.calm()
    here.tell("UPDATE leadgateway_jobs SET paused_until = paused_until - 86401")
    assert is_settled(here, here.run())


def test_t14_with_every_third_call_throttled_all_arrive_at_little_cost(world):
    here = world("v1_leads", 40)
    here.wire.on(status_before(429, retry_after="1"), every=3, times=None)
    assert is_settled(here, here.run(concurrency=4), leads=40)
    assert len(here.wire.passed()) <= 1.5 * 40 + 1


@pytest.mark.parametrize("target", ALL)
def test_t15_a_target_that_is_down_all_the_time_is_left_alone(world, target):
    rows = 30
    here = world(target, rows)
    here.wire.on(status_before(503), times=None)
    ended = here.run()
    assert ended.exit_code == 75
    assert len(here.wire.passed()) <= 1.2 * rows
    again = here.run()
    assert again.exit_code == 75
    assert len(here.wire.passed()) <= 2 * 1.2 * rows
    here.wire.calm()
    assert is_settled(here, here.run(), leads=rows)


@pytest.mark.parametrize("target", KEYED)
def test_t16_a_request_that_the_network_delivers_twice_makes_one_lead(world, target):
    here = world(target, LEADS)
    here.wire.on(twice, times=None)
    assert is_settled(here, here.run())


@pytest.mark.parametrize("target", KEYED)
def test_t17_a_conflict_with_an_attempt_still_under_way_is_settled_later(world, target):
    here = world(target, 1)
    here.wire.on(lose_response)
    here.wire.on(status_before(409, b'{"error": {"message": "still in progress"}}'), nth=2)
    ended = here.run()
    assert ended.exit_code == 0
    assert here.arrived() == once_each(1)
    assert len({post.headers["idempotency-key"] for post in here.wire.passed()}) == 1


@pytest.mark.parametrize("target", KEYED)
def test_t18_a_key_used_with_another_body_stops_the_job(world, target):
    here = world(target, 3)
    here.wire.on(lose_response, times=None)
    assert here.run(concurrency=1).exit_code in {4, 75}
    here.wire.calm()
    here.tell("UPDATE leadgateway_leads SET fields = replace(fields, 'Number', 'Nummer')")
    sent = len(here.wire.passed())
    ended = here.run(concurrency=1)
    assert isinstance(ended.error, JournalError)
    assert ended.exit_code == 6
    assert len(here.wire.passed()) == sent + 1


def test_t19_an_unclear_conflict_fails_the_row_in_the_vendors_own_words(world):
    here = world("apollo_space", 2)
    body = b'{"error": {"code": "conflict", "message": "there is such a lead"}}'
    here.wire.on(status_before(409, body))
    ended = here.run(concurrency=1)
    assert ended.exit_code == 3
    assert ended.counts == {"failed": 1, "created": 1}
    assert "conflict: there is such a lead" in ended.rows[0].reason


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422])
@pytest.mark.parametrize("target", ["apollo_space", "novala", "v1_leads"])
def test_t20_a_refused_lead_fails_and_is_not_sent_again(world, target, status):
    here = world(target, 3)
    here.wire.on(status_before(status, b'{"error": {"code": "no", "message": "too odd"}}'))
    ended = here.run(concurrency=1)
    assert ended.exit_code == 3
    assert ended.counts == {"failed": 1, "created": 2}
    assert len(here.wire.passed()) == 3
    assert here.run().exit_code == 3
    assert len(here.wire.passed()) == 3


def test_t20_a_batch_that_is_too_large_is_halved(world):
    here = world("mega", 8)
    here.wire.on(status_before(413))
    assert is_settled(here, here.run(), leads=8)
    sizes = [len(json.loads(post.body)["leads"]) for post in here.wire.passed()]
    assert sizes == [8, 4, 4]


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("status", [402, 403])
def test_t21_a_refused_permission_stops_the_job_and_leaves_the_rows(world, target, status):
    here = world(target, LEADS)
    here.wire.on(status_before(status), times=None)
    ended = here.run(concurrency=1)
    assert isinstance(ended.error, AuthError)
    assert ended.exit_code == 2
    assert ended.counts == {"pending": LEADS}
    assert len(here.wire.passed()) == 1
    here.wire.calm()
    assert is_settled(here, here.run())


@pytest.mark.parametrize("target", ALL)
def test_t23_a_wish_to_stop_settles_what_is_in_flight_and_leaves_what_is_not(world, target):
    here = world(target, 12)
    here.wire.on(hang_after, nth=2)

    async def stopped():
        halt = Halt(patience=0.2)
        running = asyncio.create_task(here.arun(halt=halt, concurrency=2))
        while not here.target.tenant.leads:  # noqa: ASYNC110 - the simulator has its own loop
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        halt.wish()
        return await running

    if target == "mega":  # a single batch: the first write hangs, once it is executed
        here.wire.calm()
        here.wire.on(hang_after)
    ended = asyncio.run(stopped())
    assert ended.error is None
    assert ended.record.state is JobState.RUNNING
    assert ended.counts["intent"] >= 1
    assert is_settled(here, here.run(), leads=12)


def test_the_same_faults_in_a_row_on_every_lead_double_nothing(world):
    here = world("novala", 10)
    for nth in range(1, 30, 3):
        here.wire.on(lose_response, nth=nth)
    ended = here.run(concurrency=2)
    assert ended.exit_code == 0, ended
    assert here.arrived() == once_each(10)


@pytest.mark.parametrize("target", ["apollo_space", "mega"])
@pytest.mark.parametrize("when", ["in one run", "in the next run"])
def test_a_write_that_is_refused_when_it_is_sent_again_is_not_taken_for_failed(world, target, when):
    """What left first was executed: the refusal of the second sending says nothing of that."""
    here = world(target, 1)
    refusal = b'{"error": {"type": "invalid_request_error", "message": "not today"}}'
    if when == "in the next run":
        here.wire.on(lose_response, times=None)
        assert here.run().counts == {"unknown": 1}
        here.wire.calm()
    else:
        here.wire.on(lose_response)
    here.wire.on(status_before(400, refusal), times=None)
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"created": 1}), ended.rows
    assert here.arrived() == once_each(1)


def test_a_write_that_is_refused_when_it_is_sent_again_stays_in_doubt_without_a_look_up(
    world, monkeypatch
):
    without(Mega, monkeypatch, lookup=None)
    here = world("mega", 1)
    here.wire.on(lose_response)
    here.wire.on(status_before(400, b'{"error": {"message": "not today"}}'), times=None)
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (4, {"unknown": 1})
    here.wire.calm()
    ended = here.run()
    assert (ended.exit_code, ended.counts) == (0, {"created": 1})
    assert here.arrived() == once_each(1)
