"""A later run of the same two connections: what is new is created, what changed is changed."""

import json
from operator import itemgetter

import pytest
from tests.services.fault_proxy import (
    lose_response,
    refuse_from_now_on,
    reset,
    status_after,
    status_before,
)
from tests.transfer.engine.world import email, mega_row, once_each

from leadgateway.errors import AuthError, ConfigError, PluginError
from leadgateway.hookspecs import hookimpl
from leadgateway.journal import JobState, RowState
from leadgateway.mapping import Policy
from leadgateway.transfer.encode import losses_of
from leadgateway.transfer.halt import Halt
from leadgateway.transfer.operate import resolve_created
from leadgateway_apollo_space.adapter import ApolloSpace


@pytest.fixture
def moved(world):
    """Two leads that were moved, and whose names changed at their source since."""
    here = world("v1_leads", 2)
    assert here.run().exit_code == 0
    rename(here, "Ana Souza")
    return here


def rename(here, name):
    # Sources store in the order of reading, targets in the order in which the writes arrived.
    for number, row in enumerate(sorted(here.source.tenant.leads, key=itemgetter("contact_email"))):
        here.source.tenant.leads.put({**row, "contact_name": f"{name} {number}"})


def names(here):
    return sorted(row["name"] for row in here.target.tenant.leads)


def test_what_changed_is_changed_and_what_is_new_is_created(moved):
    moved.load([mega_row(7)])
    ended = moved.run("second")
    assert ended.exit_code == 0
    assert ended.counts == {"updated": 2, "created": 1}
    assert names(moved) == ["Ana Souza 0", "Ana Souza 1", "Lead Number 7"]
    changes = [each for each in moved.wire.trace if each.method == "PATCH"]
    assert [set(json.loads(each.body)) for each in changes] == [{"name"}] * 2
    assert json.loads(ended.rows[0].before)["name"].startswith("Lead Number")
    third = moved.run("third")
    assert third.counts == {"skipped": 3}
    assert {row.reason for row in third.rows} == {"unchanged since it was moved"}


def test_what_the_target_says_already_is_not_written(moved):
    for number, row in enumerate(sorted(moved.target.tenant.leads, key=itemgetter("email"))):
        moved.target.tenant.leads.put({**row, "name": f"Ana Souza {number}"})
    ended = moved.run("second")
    assert ended.counts == {"skipped": 2}
    assert {row.reason for row in ended.rows} == {"the target says the same already"}


def test_a_target_that_cannot_be_changed_is_left_alone(world):
    here = world("apollo_space", 1)
    here.run()
    rename(here, "Ana Souza")
    ended = here.run("second")
    assert ended.counts == {"skipped": 1}
    assert "cannot be updated" in ended.rows[0].reason
    assert ended.rows[0].target_id is not None
    assert here.arrived() == once_each(1)


def test_a_change_that_would_lose_something_nobody_accepted_fails(moved):
    for row in list(moved.source.tenant.leads):
        fields = {**row["custom_fields"], "shoe_size": 46}
        moved.source.tenant.leads.put({**row, "custom_fields": fields})
    ended = moved.run("second", policy=Policy(("name",)))
    assert ended.exit_code == 3
    assert {row.error for row in ended.rows} == {"FidelityError"}
    assert any(loss.path == "custom" for loss in losses_of(ended.rows[0].losses))


def test_a_change_to_a_lead_that_vanishes_on_the_way_fails_with_its_id(moved):
    moved.wire.on(status_before(404), "PATCH")
    ended = moved.run("second", concurrency=1)
    assert ended.exit_code == 3
    assert [str(row.state) for row in ended.rows] == ["failed", "updated"]
    assert ended.rows[0].target_id is not None


def test_a_vendor_that_goes_away_while_leads_are_compared_pauses_the_job(moved):
    moved.wire.on(refuse_from_now_on, "GET", nth=2)
    ended = moved.run("second")
    assert ended.exit_code == 75
    assert ended.counts == {"pending": 2}


@pytest.mark.parametrize("fault", [lose_response, reset, status_after(500)])
def test_a_change_in_doubt_is_settled_by_what_the_lead_says(moved, fault):
    moved.wire.on(fault, "PATCH")
    ended = moved.run("second", concurrency=1)
    assert ended.exit_code == 0
    assert ended.counts == {"updated": 2}
    assert names(moved) == ["Ana Souza 0", "Ana Souza 1"]
    changes = [each for each in moved.wire.trace if each.method == "PATCH"]
    assert len(changes) == (3 if fault is reset else 2)


def test_a_change_that_nobody_answers_waits_for_a_later_run_and_leaves_five_times_at_most(moved):
    moved.wire.on(reset, "PATCH", times=3)
    ended = moved.run("second", concurrency=1)
    assert (ended.exit_code, ended.counts) == (75, {"unknown": 1, "updated": 1})
    again = moved.run("second")
    assert (again.exit_code, again.counts) == (0, {"updated": 2})
    rename(moved, "Eva Lima")
    moved.wire.on(reset, "PATCH", times=None)
    runs = [moved.run("third") for _ in range(4)]
    assert [ended.exit_code for ended in runs] == [75, 75, 4, 4]
    assert {row.reason for row in runs[-1].rows} == {
        "the lead says what it said before, although the change left 5 times"
    }


def test_a_change_in_doubt_is_settled_by_hand_as_the_change_it_is(moved):
    moved.wire.on(overtaken_by("Somebody", moved), "PATCH")
    doubtful, _ = moved.run("second", concurrency=1).rows
    journal = moved.journal()
    other = journal.row("second", doubtful.seq + 1).target_id
    with pytest.raises(ConfigError, match="belongs to another row"):
        resolve_created(journal, "second", doubtful.seq, other)
    row = resolve_created(journal, "second", doubtful.seq, doubtful.target_id)
    assert (row.state, row.target_id) == (RowState.UPDATED, doubtful.target_id)
    assert journal.find_job("second").state is JobState.DONE
    journal.close()
    assert moved.run("third").counts == {"skipped": 2}


def overtaken_by(name, here):
    def overtaken(_exchange):
        for row in list(here.target.tenant.leads):
            here.target.tenant.leads.put({**row, "name": name})
        return False

    return overtaken


def test_a_change_in_doubt_that_somebody_else_overtook_stays_in_doubt(moved):
    moved.wire.on(overtaken_by("Somebody", moved), "PATCH")
    ended = moved.run("second", concurrency=1)
    assert ended.exit_code == 4
    doubtful = ended.rows[0]
    assert "neither what it said before nor what was sent" in doubtful.reason
    assert doubtful.target_id is not None
    assert moved.run("second").exit_code == 4


def test_a_change_in_doubt_of_a_lead_that_is_gone_fails(moved):
    def gone(exchange):
        moved.lose(*(row["id"] for row in moved.target.tenant.leads))
        return False

    moved.wire.on(gone, "PATCH")
    ended = moved.run("second", concurrency=1)
    assert ended.exit_code == 3
    assert ended.rows[0].reason == "gone at the target"


class Listening:
    """A plugin that hears of everything and leaves some leads out."""

    def __init__(self):
        self.heard = []
        self.asked = []

    @hookimpl
    def leadgateway_skip(self, leads, job):
        self.asked.append(len(leads))
        unwanted = [place for place, lead in enumerate(leads) if lead.email.raw == email(1)]
        return dict.fromkeys(unwanted, "not wanted")

    @hookimpl
    def leadgateway_leads_settled(self, event):
        for lead in event.leads:
            self.heard.append((lead.source_id, str(lead.outcome), lead.external_id))

    @hookimpl
    def leadgateway_job_started(self, event):
        self.heard.append((event.source, event.target))

    @hookimpl
    def leadgateway_job_finished(self, event):
        self.heard.append(event.counts)


def test_plugins_leave_leads_out_and_hear_how_each_ended(world):
    here = world("novala", 3)
    listening = Listening()
    here.plugins.register(listening, "listening")
    here.wire.on(lose_response)
    ended = here.run(concurrency=1)
    assert ended.exit_code == 0
    assert ended.counts == {"created": 2, "skipped": 1}
    first, second, third = (row.source_id for row in ended.rows)
    assert listening.asked[0] == 3
    started, *settled, finished = listening.heard
    assert started == ("from", "to")
    assert finished == {"created": 2, "skipped": 1}
    assert settled[0] == (second, "skipped", None)
    assert (first, "unknown", None) in settled
    assert settled[-1] == (first, "created", ended.rows[0].target_id)
    assert (third, "created", ended.rows[2].target_id) in settled


def test_an_adapter_that_breaks_stops_the_job_and_keeps_the_account(world, monkeypatch):
    here = world("apollo_space", 3)
    honest = ApolloSpace.create

    def broken(self, draft, key):
        receipt = yield from honest(self, draft, key)
        raise KeyError(receipt.external_id)

    monkeypatch.setattr(ApolloSpace, "create", broken)
    ended = here.run(concurrency=1)
    assert isinstance(ended.error, PluginError)
    assert ended.counts == {"unknown": 1, "pending": 2}
    monkeypatch.setattr(ApolloSpace, "create", honest)
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)


def test_a_refusal_after_an_attempt_in_doubt_leaves_the_doubt(world):
    here = world("apollo_space", 1)
    here.wire.on(lose_response)
    here.wire.on(status_before(403))
    ended = here.run()
    assert isinstance(ended.error, AuthError)
    assert ended.counts == {"intent": 1}
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(1)


def test_a_job_that_is_stopped_before_it_began_writes_nothing(world):
    here = world("novala", 3)
    halt = Halt()
    halt.wish()
    ended = here.run(halt=halt)
    assert ended.error is None
    assert ended.record.state is JobState.RUNNING
    assert ended.exit_code == 75
    assert here.wire.passed() == []


def test_progress_counts_rows_and_goes_on_where_it_was(world):
    here = world("novala", 6)
    told = []
    assert here.run(limit=4, progress=told.append).exit_code == 0
    assert here.run(progress=told.append).exit_code == 0
    assert told == sorted(told)
    assert (told[0], told[-1]) == (4, 6)
