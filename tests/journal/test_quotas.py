"""Quotas in the journal: exact between connections, by the store's clock, and without a secret."""

import threading

import pytest

from leadgateway.capabilities import Window
from leadgateway.conduct.sharing import Ended
from leadgateway.journal.quotas import SharesQuotas

MINUTE = (Window(60, 60),)
TOKEN = "tok-canary-1f9c"


def account(journal, token=TOKEN, vendor="vendor", host="api.example"):
    return journal.quota(vendor, host, token)


def test_a_journal_of_ours_shares_quotas(journal):
    assert isinstance(journal, SharesQuotas)


def test_two_connections_draw_from_one_account(store):
    first, second = account(store.open()), account(store.open())
    assert first.draw("default", MINUTE, 45, ()).granted == 45
    drawn = second.draw("default", MINUTE, 45, ())
    assert drawn.granted == 15
    assert len(drawn.waits) == 30
    assert all(55 < wait < 63 for wait in drawn.waits)


def test_what_is_given_back_is_there_for_others(store):
    first, second = account(store.open()), account(store.open())
    drawn = first.draw("default", MINUTE, 60, ())
    first.draw("default", MINUTE, 0, (Ended(drawn.slice, unused=20, ago=0.0),))
    assert second.draw("default", MINUTE, 60, ()).granted == 20


@pytest.mark.parametrize(
    "other", [{"token": "another"}, {"vendor": "another"}, {"host": "other.example"}], ids=str
)
def test_other_accounts_and_buckets_have_their_own(journal, other):
    account(journal).draw("default", MINUTE, 60, ())
    assert account(journal, **other).draw("default", MINUTE, 60, ()).granted == 60
    assert account(journal).draw("bulk", MINUTE, 60, ()).granted == 60
    assert account(journal).draw("default", MINUTE, 60, ()).granted == 0


def test_no_token_is_kept_and_no_two_journals_name_an_account_alike(store, tmp_path):
    account(store.open()).draw("default", MINUTE, 1, ())
    account(store.open(), token="another").draw("default", MINUTE, 1, ())
    rows = store.sql("SELECT name, state FROM leadgateway_quotas ORDER BY name")
    assert TOKEN not in repr(rows)
    salts = {row["state"] for row in rows if row["name"] == "salt"}
    assert len(rows) == 3
    store.sql("DELETE FROM leadgateway_quotas")
    account(store.open()).draw("default", MINUTE, 1, ())
    again = store.sql("SELECT name, state FROM leadgateway_quotas ORDER BY name")
    assert not {row["name"] for row in again} & {row["name"] for row in rows} - {"salt"}
    assert not {row["state"] for row in again} & salts


def test_draws_at_once_grant_no_permit_twice(store):
    accounts = [account(store.open()) for _ in range(4)]
    granted = []

    def draw(mine):
        granted.extend(mine.draw("default", MINUTE, 3, ()).granted for _ in range(10))

    workers = [threading.Thread(target=draw, args=(mine,)) for mine in accounts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(granted) == 60


def test_a_silence_is_heard_by_all(store):
    first, second = account(store.open()), account(store.open())
    first.silence("default", MINUTE, 30.0)
    drawn = second.draw("default", MINUTE, 1, ())
    assert drawn.granted == 0
    assert 25 < drawn.waits[0] <= 30
