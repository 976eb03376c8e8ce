"""Checks, changes, tokens and the end of a connection."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from tests.gateway.vendors import EACH, ana, writes

from leadgateway.adapter import LeadQuery, Outcome
from leadgateway.capabilities import Operation
from leadgateway.errors import (
    AuthError,
    ConfigError,
    Unsupported,
)
from leadgateway.lead import Lead


@EACH
def test_check_tells_that_the_connection_works(face, site, vendor):
    here = site(vendor, leads=2)
    assert face.at(here).check()["reachable"] is True
    assert writes(here) == []


@EACH
def test_check_with_a_key_that_nobody_knows_is_an_auth_error(face, site, vendor):
    with pytest.raises(AuthError):
        face.at(site(vendor), token="nobody-knows-this").check()


def test_changes_are_listed_from_a_moment_on(face, site):
    here = site("v1_leads", leads=3)
    connection = face.at(here)
    for number, lead_id in enumerate(here.ids):
        connection.update_lead(lead_id, Lead(name=f"Bo {number}"))
    changes = list(connection.list_changes())
    assert sorted(change.lead_id for change in changes) == sorted(here.ids)
    later = datetime.now(UTC) + timedelta(days=1)
    assert list(connection.list_changes(since=later)) == []


def test_the_flows_themselves_refuse_what_a_listing_refuses(face, site):
    session = face.at(site("v1_leads")).opened.session
    with pytest.raises(ConfigError, match="since"):
        next(session.changes_page(datetime(2026, 1, 1), None))  # noqa: DTZ001  # naive on purpose
    with pytest.raises(Unsupported, match="owner"):
        next(session.list_page(LeadQuery(owner="x"), None))
    with pytest.raises(Unsupported, match="changes"):
        next(face.at(site("novala")).opened.session.changes_page(None, None))


def test_changes_are_refused_at_once_where_there_are_none_or_the_time_is_naive(face, site):
    here = site("v1_leads")
    with pytest.raises(ConfigError, match="since"):
        face.at(here).list_changes(since=datetime(2026, 1, 1))  # noqa: DTZ001  # a naive time on purpose
    with pytest.raises(Unsupported, match="changes"):
        face.at(site("novala")).list_changes()
    assert here.asked == []


def test_a_token_that_runs_out_is_asked_for_again_and_the_row_is_sent_again(face, site):
    here = site("apollo_space")
    tokens = iter([here.simulator.expired_token, here.simulator.sign_in(timedelta(hours=1))])
    connection = face.at(here, token=face.token_callable(lambda: next(tokens)))
    assert connection.create_lead(ana()).outcome is Outcome.CREATED
    assert connection.create_lead(ana(1)).outcome is Outcome.CREATED
    assert [call[-3:] for call in here.asked] == ["401", "201", "201"]


def test_a_plain_callable_serves_both_faces(face, site):
    here = site("apollo_space", leads=1)
    token = here.settings["token"]
    assert len(list(face.at(here, token=lambda: token).list_leads())) == 1
    assert len(list(face.at(here, token=SecretStr(token)).list_leads())) == 1


def test_a_token_that_cannot_be_renewed_is_an_auth_error_after_one_try(face, site):
    here = site("apollo_space")
    connection = face.at(here, token=face.token_callable(lambda: here.simulator.expired_token))
    with pytest.raises(AuthError, match="expired"):
        connection.create_lead(ana())
    assert len(here.asked) == 1


def test_a_callable_that_fails_is_an_auth_error_and_pulls_the_brake(face, site):
    here = site("apollo_space")

    def broken():
        raise OSError("the vault is closed: secret-canary")

    connection = face.at(here, token=face.token_callable(broken))
    with pytest.raises(AuthError, match="token failed: OSError") as error:
        connection.check()
    assert "canary" not in str(error.value)
    receipts = connection.create_many([ana(n) for n in range(3)], concurrency=1)
    assert {receipt.outcome for receipt in receipts} == {Outcome.FAILED}
    assert here.asked == []


@pytest.mark.parametrize("given", ["", "two words", "line\n", b"bytes", None])
def test_what_a_callable_returns_must_be_fit_for_a_header(face, site, given):
    here = site("apollo_space")
    connection = face.at(here, token=face.token_callable(lambda: given))
    with pytest.raises(ConfigError, match="token"):
        connection.check()
    assert here.asked == []


def test_a_connection_closes_its_driver_with_the_block(face, site):
    here = site("novala")
    driver = face.driver(lambda request: (200, {"data": [], "hasMore": False, "nextCursor": None}))
    with face.open("novala", driver=driver, **here.settings) as connection:
        assert list(connection.list_leads()) == []
        assert not driver.closed
    assert driver.closed


def test_what_a_connection_says_of_itself(face, site):
    here = site("novala")
    gateway = face.gateway(environ={"LEADGATEWAY_SHOP_VENDOR": "novala"})
    connection = face.open("shop", gateway=gateway, **here.settings)
    assert (connection.name, connection.vendor) == ("shop", "novala")
    assert Operation.GET in connection.capabilities.operations
    assert connection.opened.adapter.connection == "shop"
    assert connection.settings is connection.opened.adapter.settings
    assert here.settings["token"] not in repr(connection.opened)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"shoe_size": 3}, "shoe_size"),
        ({"status": 3}, "status"),
        ({"created_since": "2026-01-01"}, "created_since"),
        ({"created_since": datetime(2026, 1, 1)}, "created_since"),  # noqa: DTZ001  # naive on purpose
        ({"page_size": "10"}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"descending": "yes"}, "descending"),
    ],
)
def test_a_filter_that_is_none_or_of_the_wrong_type_is_named(face, site, arguments, named):
    with pytest.raises(ConfigError, match=named):
        face.at(site("v1_leads")).list_leads(**arguments)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"accept": "notes"}, "accept: give a list of fields"),
        ({"accept": ["shoe"]}, "accept: 'shoe' is no field"),
        ({"force": True}, "no such option: force"),
    ],
)
def test_a_term_that_is_none_is_named(face, site, terms, said):
    with pytest.raises(ConfigError, match=said):
        face.at(site("v1_leads")).preview(ana(), **terms)
