"""What credentials do to a job: rows A1 to A6 of the table of faults."""

from datetime import timedelta

import pytest
from tests.services.fault_proxy import status_before
from tests.transfer.engine.world import once_each

from leadgateway.errors import AuthError

ALL = ["apollo_space", "mega", "novala", "v1_leads"]
WRONG = {
    "apollo_space": lambda simulator: simulator.expired_token,
    "mega": lambda simulator: simulator.full_key[:-1] + "x",
    "novala": lambda simulator: simulator.secret_key[:-1] + "x",
    "v1_leads": lambda simulator: simulator.key("live", "read")[:-1] + "x",
}


@pytest.mark.parametrize("target", ALL)
def test_a1_a_refused_credential_is_found_with_the_first_request(world, target):
    here = world(target, 3)
    here.settings["to"]["token"] = WRONG[target](here.target)
    ended = here.run()
    assert isinstance(ended.error, AuthError)
    assert ended.exit_code == 2
    assert len(here.wire.trace) == 1
    assert here.wire.passed() == here.from_wire.trace == []


def test_a1_a_refused_credential_of_the_source_writes_nothing(world):
    here = world("novala", 3)
    here.settings["from"]["token"] = WRONG["mega"](here.source)
    ended = here.run()
    assert ended.exit_code == 2
    assert len(here.from_wire.trace) == 1
    assert here.wire.passed() == []


def test_a2_a_token_that_ends_on_the_way_is_renewed_once_for_all_workers(world):
    here = world("apollo_space", 12)
    signed_in = []

    def sign_in():
        signed_in.append(here.target.sign_in(timedelta(seconds=300)))
        return signed_in[-1]

    def a_long_while(exchange):
        exchange.answer(exchange.forward())
        here.time.ahead += 301
        return True

    here.settings["to"]["token"] = sign_in
    here.wire.on(a_long_while, nth=5)
    ended = here.run(concurrency=4)
    assert ended.exit_code == 0
    assert ended.counts == {"created": 12}
    assert here.arrived() == once_each(12)
    assert len(signed_in) == 2
    refused = [post for post in here.wire.passed() if post.status == 401]
    assert 1 <= len(refused) <= 4


def test_a3_a_token_that_is_refused_although_it_was_renewed_ends_the_job(world):
    here = world("apollo_space", 3)
    asked = []

    def sign_in():
        asked.append(here.target.sign_in(timedelta(seconds=60)))
        return asked[-1]

    here.settings["to"]["token"] = sign_in
    here.wire.on(status_before(401), times=None)
    ended = here.run(concurrency=1)
    assert isinstance(ended.error, AuthError)
    assert len(asked) == 2
    assert [post.status for post in here.wire.passed()] == [401, 401]
    here.wire.calm()
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)


def test_a5_a_renewal_that_fails_ends_the_job_at_once(world):
    here = world("apollo_space", 3)
    asked = []

    def sign_in():
        asked.append(None)
        if len(asked) > 1:
            raise RuntimeError("invalid_grant")
        return here.target.expired_token

    here.settings["to"]["token"] = sign_in
    ended = here.run()
    assert isinstance(ended.error, AuthError)
    assert ended.exit_code == 2
    assert "invalid_grant" not in str(ended.error)
    assert len(asked) == 2
    assert len(here.wire.trace) == 1


def test_a6_the_token_of_another_customer_is_found_before_any_write(world):
    here = world("mega", 3)
    here.settings["to"]["token"] = here.target.neighbour_key
    ended = here.run()
    assert isinstance(ended.error, AuthError)
    assert ended.error.status == 403
    assert here.wire.passed() == []
    assert here.from_wire.trace == []


def test_a_key_that_may_only_read_leaves_the_rows_for_one_that_may_write(world):
    here = world("mega", 3)
    here.settings["to"]["token"] = here.target.read_key
    ended = here.run()
    assert ended.exit_code == 2
    assert ended.counts == {"pending": 3}
    del here.settings["to"]["token"]
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)
