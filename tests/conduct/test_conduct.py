"""Which requests are sent again, when, and how each of them ends: tables T and A."""

import logging

import pytest
from tests.conduct.virtual import START, World, answer, asking, read, scripted, write

from leadgateway.conduct import NeedToken, RetryPolicy, Send
from leadgateway.errors import OutcomeUnknown, RateLimited, Unavailable
from leadgateway.exchange import Effect, Interrupted, Response

NOT_SENT = Interrupted("no connection", sent=False)
LOST = Interrupted("no complete answer", sent=True)
RETRIED = [408, 425, 500, 502, 503, 504, 599]


def status(result):
    return result.status if isinstance(result, Response) else type(result)


def test_a_flow_gets_its_answers_and_returns_its_value():
    world = World(scripted(200))
    steps = world.conduct(asking(read(), read()))
    assert steps.send(None) == NeedToken()
    sent = steps.send("tok")
    assert sent == Send(read().with_header("authorization", "tok"))
    assert steps.send(answer(sent.request)) == NeedToken()
    steps.send("tok")
    with pytest.raises(StopIteration) as done:
        steps.send(answer(sent.request, 404))
    assert [each.status for each in done.value.value] == [200, 404]


def test_the_flow_never_sees_the_token():
    (result,) = World(scripted(200)).run([read()])
    assert result.request == read()


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        (read(), 400, "[token]"),
        (read(), 403, "[token]"),
        (write(), 200, "[token]"),  # of a batch it says what failed
        (read(), 200, "token-1"),
    ],
)
def test_an_answer_that_repeats_the_token_does_not_spread_it(request_, status, said):
    world = World(lambda request, _at: answer(request, status, b'{"e": "token-1 is bad"}'))
    (result,) = world.run([request_])
    assert result.body == f'{{"e": "{said} is bad"}}'.encode()


def test_a_flow_that_asks_nothing_returns_at_once():
    with pytest.raises(StopIteration) as done:
        World(scripted(200)).conduct(asking()).send(None)
    assert done.value.value == []


def test_closing_the_steps_closes_the_flow():
    closed = []

    def flow():
        try:
            yield read()
        finally:
            closed.append(True)

    steps = World(scripted(200)).conduct(flow())
    steps.send(None)
    steps.close()
    assert closed == [True]


def test_an_error_is_raised_in_the_flow_where_it_asked():
    def flow():
        try:
            yield write()
        except OutcomeUnknown:
            return [(yield read())]

    steps = World(scripted(200)).conduct(flow())
    assert steps.send(None) == NeedToken()
    steps.send("tok")
    assert steps.throw(LOST) == NeedToken()
    sent = steps.send("tok")
    assert sent.request.method == "GET"
    with pytest.raises(StopIteration) as done:
        steps.send(answer(sent.request))
    assert [each.status for each in done.value.value] == [200]


@pytest.mark.parametrize("effect", [Effect.READ, Effect.KEYED])
@pytest.mark.parametrize("fault", [*RETRIED, NOT_SENT, LOST], ids=str)
def test_what_may_be_repeated_is_repeated(effect, fault):
    world = World(scripted(fault, fault, 200))
    assert [status(each) for each in world.run([write(effect)])] == [200]
    assert len(world.sent) == 3
    assert len({request for _, request in world.sent}) == 1


@pytest.mark.parametrize("fault", RETRIED)
def test_a_failed_write_without_a_key_is_left_to_the_flow(fault):
    world = World(scripted(fault))
    assert [status(each) for each in world.run([write()])] == [fault]
    assert len(world.sent) == 1


def test_a_lost_write_without_a_key_is_unknown_and_never_repeated():
    world = World(scripted(LOST))
    (result,) = world.run([write()])
    assert isinstance(result, OutcomeUnknown)
    assert "vendor" in str(result)
    assert len(world.sent) == 1


def test_a_write_that_never_left_is_repeated_and_then_unavailable():
    world = World(scripted(NOT_SENT, 201))
    assert [status(each) for each in world.run([write()])] == [201]
    world = World(scripted(NOT_SENT))
    assert isinstance(world.run([write()])[0], Unavailable)
    assert len(world.sent) == 5


def test_a_write_lost_on_a_later_attempt_is_unknown():
    world = World(scripted(NOT_SENT, 429, LOST, 200))
    assert isinstance(world.run([write()])[0], OutcomeUnknown)
    assert len(world.sent) == 3


@pytest.mark.parametrize("fault", [NOT_SENT, LOST], ids=str)
def test_a_read_without_an_answer_is_unavailable_after_five_attempts(fault):
    world = World(scripted(fault))
    assert isinstance(world.run([read()])[0], Unavailable)
    assert len(world.sent) == 5


def test_a_read_that_keeps_failing_is_left_to_the_flow():
    world = World(scripted(503))
    assert [status(each) for each in world.run([read()])] == [503]
    assert len(world.sent) == 5


@pytest.mark.parametrize("fault", [LOST, 500, 503, 408], ids=str)
def test_a_keyed_write_that_keeps_failing_is_unknown(fault):
    world = World(scripted(fault))
    assert isinstance(world.run([write(Effect.KEYED)])[0], OutcomeUnknown)
    assert len(world.sent) == 5


def test_a_keyed_write_that_never_left_is_unavailable():
    assert isinstance(World(scripted(NOT_SENT)).run([write(Effect.KEYED)])[0], Unavailable)


@pytest.mark.parametrize("last", [NOT_SENT, 429], ids=str)
def test_a_doubt_of_an_earlier_attempt_is_not_forgotten(last):
    world = World(scripted(LOST, last))
    assert isinstance(world.run([write(Effect.KEYED)])[0], OutcomeUnknown)


@pytest.mark.parametrize(
    ("stores_errors", "outcomes", "sends"),
    [
        (True, (500,), 3),
        (True, (500, 503, 503, 503), 4),
        (True, (500, LOST, 500), 5),
        (False, (500,), 5),
    ],
)
def test_a_stored_error_is_not_asked_for_again(stores_errors, outcomes, sends):
    world = World(scripted(*outcomes), policy=RetryPolicy(stores_errors=stores_errors))
    assert isinstance(world.run([write(Effect.KEYED)])[0], OutcomeUnknown)
    assert len(world.sent) == sends


@pytest.mark.parametrize("code", [200, 201, 204, 207, 299, 304, 400, 403, 404, 409, 422, 600, 999])
@pytest.mark.parametrize("effect", list(Effect))
def test_a_final_answer_goes_to_the_flow_at_once(code, effect):
    world = World(scripted(code))
    assert [status(each) for each in world.run([write(effect)])] == [code]
    assert len(world.sent) == 1


@pytest.mark.parametrize(
    ("headers", "body", "effect", "sends"),
    [
        ((("content-type", "application/json"),), b'{"leads":[', Effect.READ, 2),
        ((("content-type", "application/json"),), b'{"leads":[', Effect.KEYED, 2),
        ((("content-type", "application/json"),), b'{"leads":[', Effect.ONCE, 1),
        ((("content-type", "application/json"),), b'{"leads":[]}', Effect.READ, 1),
        ((("content-type", "text/html"),), b"<html>", Effect.READ, 1),
        ((), b"{", Effect.READ, 1),
        ((("content-type", "application/json"), ("content-length", "1")), b"{", Effect.READ, 1),
        (
            (("content-type", "application/json"), ("transfer-encoding", "chunked")),
            b"{",
            Effect.READ,
            1,
        ),
    ],
)
def test_json_cut_where_nothing_marks_its_end_is_asked_for_again(headers, body, effect, sends):
    replies = iter([Response(200, headers, body, read()), answer(read())])
    world = World(lambda _request, _at: next(replies))
    assert [status(each) for each in world.run([write(effect)])] == [200]
    assert len(world.sent) == sends


def test_backoff_is_full_jitter_from_one_second():
    world = World(scripted(503), chance=lambda: 0.5)
    world.run([read()])
    assert world.waits == [0.5, 1.0, 2.0, 4.0]


def test_backoff_is_capped():
    world = World(scripted(503), policy=RetryPolicy(attempts=9), chance=lambda: 1.0)
    world.meter.quota.give_back(100)
    world.run([read()])
    assert world.waits == [1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("effect", list(Effect))
def test_retry_after_is_waited_out_and_burns_no_attempt(effect):
    throttled = (429, {"retry_after": "7"})
    world = World(scripted(*[throttled] * 8, 200))
    assert [status(each) for each in world.run([write(effect)])] == [200]
    assert len(world.sent) == 9
    assert all(7 <= wait <= 8 for wait in world.waits)


def test_retry_after_zero_burns_attempts():
    world = World(scripted((429, {"retry_after": "0"})))
    (result,) = world.run([read()])
    assert isinstance(result, RateLimited)
    assert result.retry_at == world.clock.now()
    assert len(world.sent) == 5


def test_throttling_without_a_header_backs_off_and_ends():
    world = World(scripted(429))
    (result,) = world.run([write()])
    assert isinstance(result, RateLimited)
    assert result.retry_at is None
    assert result.status == 429
    assert len(world.sent) == 5


@pytest.mark.parametrize("code", [429, 503])
def test_a_long_silence_is_not_slept_through(code):
    world = World(scripted((code, {"retry_after": "86400"})))
    first, second = world.run([read(), read()])
    assert isinstance(first, RateLimited)
    assert (first.retry_at - START).total_seconds() == 86400
    assert first.status == code
    assert isinstance(second, RateLimited)
    assert (second.retry_at - START).total_seconds() == 86400
    assert len(world.sent) == 1
    assert world.waits == []


def test_short_silences_that_add_up_are_not_slept_through_either():
    world = World(scripted((429, {"retry_after": "600"})))
    (result,) = world.run([read()])
    assert isinstance(result, RateLimited)
    assert len(world.sent) == 2
    assert world.clock.elapsed < 900


def test_a_keyed_write_in_doubt_that_meets_a_long_silence_is_unknown():
    world = World(scripted(LOST, (429, {"retry_after": "86400"})))
    first, second = world.run([write(Effect.KEYED), write(Effect.KEYED)])
    assert isinstance(first, OutcomeUnknown)
    assert isinstance(second, RateLimited)


def test_a_silence_that_another_worker_heard_ends_a_doubtful_write_as_unknown():
    world = World(scripted(LOST, 200), chance=lambda: 0.9)

    def vendor(request, at):
        world.meter.block("default", world.clock.monotonic(), 5000)
        return LOST

    world.vendor = vendor
    assert isinstance(world.run([write(Effect.KEYED)])[0], OutcomeUnknown)


def test_an_unreadable_retry_after_is_said_once_and_otherwise_no_header(caplog):
    caplog.set_level(logging.WARNING)
    world = World(scripted((429, {"retry_after": "1.5"}), 200))
    assert [status(each) for each in world.run([read()])] == [200]
    assert len(caplog.records) == 1
    assert "1.5" not in caplog.text


def test_retry_after_on_a_final_answer_means_nothing():
    world = World(scripted((404, {"retry_after": "86400"}), 200))
    assert [status(each) for each in world.run([read(), read()])] == [404, 200]


@pytest.mark.parametrize("effect", list(Effect))
def test_a_refused_token_is_renewed_once_and_the_request_resent(effect):
    world = World(scripted(401, 200), renew=lambda refused: refused + "+")
    assert [status(each) for each in world.run([write(effect)])] == [200]
    assert [request.header("authorization") for _, request in world.sent] == [
        "token-1",
        "token-1+",
    ]


def test_a_token_refused_again_is_left_to_the_flow():
    world = World(scripted(401), renew=lambda refused: refused + "+")
    assert [status(each) for each in world.run([read()])] == [401]
    assert len(world.sent) == 2


def test_a_token_that_nothing_renews_costs_one_request():
    world = World(scripted(401))
    assert [status(each) for each in world.run([read()])] == [401]
    assert len(world.sent) == 1


def test_a_needed_token_shows_no_token():
    assert repr(NeedToken("secret")) == "NeedToken(renew=True)"
    assert repr(NeedToken()) == "NeedToken(renew=False)"
