"""Who a merging target would make one of: told beforehand, and kept from being written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgateway.adapter import Adapter
from leadgateway.capabilities import Capabilities, Operation, Paging
from leadgateway.events import JobStarted
from leadgateway.journal import JobRecord
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, Use
from leadgateway.session import WriteOptions
from leadgateway.simulator.people import people
from leadgateway.transfer.book import hold
from leadgateway.transfer.intake import Intake
from leadgateway.transfer.job_config import config_of
from leadgateway.transfer.merging import MergeGroups, MergeIndex, merge_guard
from leadgateway.transfer.prepare import Preparer
from leadgateway.transfer.run import JobOptions, run_job
from leadgateway.transfer.scratch import scratch
from leadgateway.transfer.stage import stage_pages
from leadgateway_mega.adapter import Mega
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_mega.simulator.leads import email_key, phone_key
from leadgateway_novala.simulator import NovalaSimulator

BRAZIL, INDIA = "+55 11 2345-6789", "+91 11 2345 6789"
"""Two valid numbers of two countries that end in the same ten digits."""


def novala(*people, clean=0):
    simulator = NovalaSimulator(rate_limits=False, leads=clean, seed=9)
    simulator.load({"firstName": "Ana", "lastName": "Souza", **each} for each in people)
    return simulator


def mega(**options):
    return MegaSimulator(rate_limits=False, **options)


def loaded(moving, phone):
    return {row["id"] for row in moving.source_site.tenant.leads if row["phone"] == phone}


def test_two_people_whose_numbers_end_alike_are_a_collision(move):
    moving = move(novala({"phone": BRAZIL}, {"phone": INDIA}, clean=20), mega())
    found = moving.plan()
    assert (found.collisions.groups, found.collisions.leads) == (1, 2)
    [group] = found.collisions.examples
    assert (group.by, group.leads) == ("phone", 2)
    assert set(group.samples) == loaded(moving, BRAZIL) | loaded(moving, INDIA)
    assert found.duplicates == MergeGroups()


def test_a_lead_that_is_there_twice_is_a_duplicate_and_no_collision(move):
    twin = {"phone": BRAZIL, "email": "ana@example.com"}
    moving = move(novala(twin, twin, {"email": "ANA@example.com"}), mega())
    found = moving.plan()
    assert found.collisions == MergeGroups()
    assert (found.duplicates.groups, found.duplicates.leads) == (2, 3)
    assert {(group.by, group.leads) for group in found.duplicates.examples} == {
        ("email", 3), ("phone", 2),
    }  # fmt: skip


def test_people_of_other_names_who_share_an_address_may_be_different_people(move):
    office = {"email": "office@example.com"}
    found = move(novala(office, office | {"firstName": "Bruno"}), mega()).plan()
    assert (found.collisions.groups, found.collisions.leads) == (1, 2)
    assert found.duplicates == MergeGroups()


@pytest.mark.parametrize(
    ("names", "one"),
    [
        (("Ana Souza", "ana  souza "), True),
        (("Ana Souza", None), True),
        ((None, None), True),
        (("Ana Souza", "Ana S."), False),
        (("Zoe Li", None, "Ana Souza"), False),
    ],
)
def test_names_differ_however_they_are_spelt_and_a_missing_one_says_nothing(names, one):
    key = frozenset({"email:office@example.com"})
    with scratch() as database:
        index = MergeIndex(database)
        for number, name in enumerate(names):
            index.add(str(number), Lead(name=name, email="office@example.com"), key)
        index.close()
        assert index.risks is not one
        assert index.groups(one=one, most=1).leads == len(names)


def test_one_stranger_among_twins_makes_all_of_them_a_collision(move):
    found = move(novala({"phone": BRAZIL}, {"phone": BRAZIL}, {"phone": INDIA}), mega()).plan()
    assert (found.collisions.groups, found.collisions.leads) == (1, 3)
    assert found.duplicates.groups == 0


def test_a_number_too_short_to_match_by_collides_with_none(move):
    found = move(novala({"phone": "2345-6789"}, {"phone": "2345-6789"}), mega()).plan()
    assert found.collisions.groups == found.duplicates.groups == 0


def test_a_number_that_cannot_be_read_is_not_taken_for_the_same(move):
    found = move(novala({"phone": BRAZIL}, {"phone": "11 2345-6789"}), mega()).plan()
    assert (found.collisions.groups, found.collisions.leads) == (1, 2)


def test_two_numbers_that_cannot_be_read_are_not_taken_for_the_same_either(move):
    found = move(novala({"phone": "11 2345-6789"}, {"phone": "(11) 23456789"}), mega()).plan()
    assert (found.collisions.groups, found.collisions.leads) == (1, 2)


def test_an_extension_may_or_may_not_count_among_the_digits(move):
    found = move(novala({"phone": BRAZIL}, {"phone": f"{BRAZIL} x77"}), mega()).plan()
    assert found.collisions.leads == 2


def test_a_target_that_does_not_merge_has_no_collisions(move):
    found = move(mega(leads=30), novala()).plan()
    assert found.collisions == found.duplicates == MergeGroups()


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_leads_that_the_simulator_would_merge_share_a_key(seed):
    """Never fewer keys than the other reading of the same page: only more careful ones."""
    rows = [
        {"contact_email": person.email and person.email.strip(), "contact_phone": typed}
        for person in people(seed, 6)
        for typed in (person.phone_as_typed, person.phone_e164)
    ]
    keys = [merge_keys(row) for row in rows]
    for one, mine in zip(rows, keys, strict=True):
        for other, yours in zip(rows, keys, strict=True):
            same_mail = email_key(one) and email_key(one) == email_key(other)
            same_phone = phone_key(one) and phone_key(one) == phone_key(other)
            if same_mail or same_phone:
                assert mine & yours


def merge_keys(row):
    return Mega.merge_keys(None, {key: value for key, value in row.items() if value})


def test_a_class_that_merges_by_keys_must_say_that_it_merges():
    with pytest.raises(TypeError, match="create_merges"):

        class Silent(Adapter):
            capabilities = Capabilities(
                title="Silent",
                operations=frozenset({Operation.LIST, Operation.CREATE}),
                paging=Paging(default_limit=1, max_limit=1),
            )

            def merge_keys(self, fields):
                return frozenset({"email:x"})


def test_no_adapter_merges_by_anything_it_does_not_say():
    assert Adapter.merge_keys(None, {"contact_email": "a@example.com"}) == frozenset()


def test_what_is_written_down_of_a_key_does_not_show_it():
    with scratch() as database:
        index = MergeIndex(database)
        index.add("1", Lead(email="ana@example.com"), frozenset({"email:ana@example.com"}))
        index.close()
        assert "ana@example.com" not in "".join(database.iterdump())


def staged(moving):
    """Read the whole source into the journal and write nothing."""
    config = config_of(moving.source, moving.target, LENIENT)
    moving.journal.open_job(JobRecord("job", "here", "there", config, "hash"))

    async def stage():
        async with hold(moving.journal, "job") as book:
            started = JobStarted("here", "there")
            preparer = Preparer(moving.target, "job", LENIENT, 1, started)
            intake = Intake(book, preparer)
            async for _ in stage_pages(moving.source, book, intake, None):
                pass

    moving.run(stage())


def refusals(moving):
    """What the guard says of each staged lead, by its id."""

    async def ask():
        session, said = moving.target.opened.session, {}
        with merge_guard(moving.target) as guard:
            await guard.learn(moving.journal, "job")
            async for lead in moving.source.list_leads():
                draft = session.draft(lead, Use.BULK, WriteOptions(policy=LENIENT))
                said[lead.ref.id] = guard.refusal(draft.fields)
        return said

    return moving.run(ask())


def test_the_guard_stops_both_and_lets_everybody_else_pass(move):
    twin = {"phone": None, "email": "ana@example.com"}
    moving = move(novala({"phone": BRAZIL}, {"phone": INDIA}, twin, twin, clean=250), mega())
    staged(moving)
    said = refusals(moving)
    stopped = {lead_id for lead_id, refusal in said.items() if refusal is not None}
    assert stopped == loaded(moving, BRAZIL) | loaded(moving, INDIA)
    error = said[next(iter(stopped))]
    assert error.code == "merge_risk"
    assert "last ten digits" in str(error)
    assert "2345" not in str(error)


def test_the_guard_passes_over_what_cannot_be_written_or_was_purged(move):
    moving = move(novala({"phone": BRAZIL}, {"phone": INDIA, "lastName": "x"}), mega())
    moving.run(run_job(moving.source, moving.target, moving.journal, "job", JobOptions(LENIENT)))
    moving.journal.purge("job")
    assert set(refusals(moving).values()) == {None}


def test_the_guard_does_not_trip_over_a_lead_that_cannot_be_drafted(move):
    source = MegaSimulator(leads=3, seed=1, rate_limits=False)
    for row in list(source.tenant.leads)[:1]:
        source.tenant.leads.put({**row, "contact_name": None})
    moving = move(source, NovalaSimulator(rate_limits=False), name_placeholder=None)
    staged(moving)

    async def ask():
        with merge_guard(moving.target) as guard:
            await guard.learn(moving.journal, "job")
            return guard.refusal(json.loads("{}"))

    assert moving.run(ask()) is None
