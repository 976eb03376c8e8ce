"""Engines with one promise broken: the checks of the state machine must catch each of them."""

import random
import uuid

import pytest
from tests.crash.mortal import FAULTS, Life
from tests.crash.test_state_machine import FINISHED, Migration

from leadgateway.adapter import Outcome, Receipt
from leadgateway.journal.store import SQLJournal
from leadgateway.transfer import lookup, reconcile, run, send

GAMES = 60
MOVES = 6


def asks_again_with_a_new_key(monkeypatch):
    honest = send.flow_of

    def flow_of(session, intent, drafts):
        again = intent.sends > 1 and intent.key
        other = intent._replace(key=str(uuid.uuid4())) if again else intent
        return honest(session, other, drafts)

    monkeypatch.setattr(send, "flow_of", flow_of)


def repeats_blindly(monkeypatch):
    monkeypatch.setattr(reconcile.Reconciler, "_repeatable", lambda *_: True)


def makes_every_row_pending_that_was_not_sent_now(monkeypatch):
    def hold_back(self, intent, *, sure=True):
        if not self._broken:
            self.book.requeue(intent.rows)

    monkeypatch.setattr(send.Sender, "_hold_back", hold_back)


def takes_leads_that_belong_to_others(monkeypatch):
    honest = lookup.judge
    monkeypatch.setattr(lookup, "judge", lambda doubts, _taken: honest(doubts, ()))


def forgets_what_it_intended(monkeypatch):
    async def reconciled(self):
        for intent in self.book.journal.open_intents(self.book.job, 1000):
            if rows := self.book.unsettled(intent):
                self.book.requeue(rows)
            else:
                self.book.settle((), (intent.id,))

    monkeypatch.setattr(reconcile.Reconciler, "reconcile", reconciled)


def calls_doubt_a_failure(monkeypatch):
    def failed(error, losses=()):
        return Receipt(Outcome.FAILED, losses=losses, error=error)

    monkeypatch.setattr(send, "failed", failed)


def moves_the_cursor_before_its_rows(monkeypatch):
    async def stage_pages(source, book, intake, _limit):
        cursor = book.record().cursor
        async for page in source.list_leads().pages(cursor):
            last = page.next_cursor is None
            book.stage((), page.next_cursor, last=last)
            yield book.stage(intake.rows(page.leads), page.next_cursor, last=last)

    monkeypatch.setattr(run, "stage_pages", stage_pages)


def does_not_ask_what_other_jobs_are_in_doubt_about(monkeypatch):
    monkeypatch.setattr(SQLJournal, "_hold_back", lambda *_: None)


SABOTEURS = {
    asks_again_with_a_new_key: "apollo_space",
    makes_every_row_pending_that_was_not_sent_now: "apollo_space",
    moves_the_cursor_before_its_rows: "apollo_space",
    repeats_blindly: "novala",
    takes_leads_that_belong_to_others: "novala",
    forgets_what_it_intended: "v1_leads",
    calls_doubt_a_failure: "v1_leads",
    does_not_ask_what_other_jobs_are_in_doubt_about: "v1_leads",
}


def played(target, game):
    """Play one game by chance, as hypothesis would, and check what it checks."""
    chance = random.Random(game)
    machine = type("Played", (Migration,), {"target_vendor": target})()
    machine.begin(chance.randint(1, 6))
    try:
        for _ in range(MOVES):
            asking, writing = ([chance.choice(FAULTS)] * chance.randint(0, 8) for _ in range(2))
            if machine.state in FINISHED:
                machine.begin_another_job()
            if chance.random() < 0.2:
                machine.run_and_die_of_a_write(1)
                if machine.target.tenant.leads:
                    machine.edit_the_target(chance.randint(0, 9))
                machine.run(Life())
            elif chance.random() < 0.5:
                machine.die_of_a_write_and_come_back_to_trouble(1, asking, writing)
            else:
                machine.run(Life(chance.randint(0, 60)))
            machine.no_lead_is_there_more_often_than_at_its_source()
            machine.what_is_said_to_have_arrived_has_arrived()
            machine.add_a_twin(chance.randint(0, 9))
            machine.add(1)
    finally:
        machine.teardown()


@pytest.mark.parametrize("sabotage", SABOTEURS, ids=lambda each: each.__name__)
def test_the_checks_catch_an_engine_that(sabotage, monkeypatch):
    sabotage(monkeypatch)
    with pytest.raises(AssertionError):
        any(played(SABOTEURS[sabotage], game) for game in range(GAMES))


@pytest.mark.parametrize("target", sorted(set(SABOTEURS.values())))
def test_the_same_games_with_an_honest_engine_end_well(target):
    for game in range(GAMES // 10):
        played(target, game)
