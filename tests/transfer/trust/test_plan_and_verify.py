"""What a plan names is what a verification finds: no more and no fewer."""

from collections import Counter
from decimal import Decimal

import pytest
from tests.transfer.trust.move import lossy

from leadgateway.frozen import freeze
from leadgateway.mapping import Policy
from leadgateway.mapping.leaves import is_empty, take_apart
from leadgateway.taxonomy import Fidelity
from leadgateway.transfer.encode import losses_of, unstaged
from leadgateway.values import Coded, PersonName
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import CUSTOM_FIELDS, NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

SIMULATORS = (ApolloSpaceSimulator, MegaSimulator, NovalaSimulator, V1LeadsSimulator)
PAIRS = [(one, other) for one in SIMULATORS for other in SIMULATORS if one is not other]


def source(kind, leads):
    return kind(leads=leads, seed=3, rate_limits=False)


def target(kind, **options):
    return kind(rate_limits=False, **options)


def said(lead):
    """What a lead says, by path and plainly: decided here, not by the code under test."""
    plain = {}
    for path, value in take_apart(lead).items():
        if is_empty(value):
            continue
        if path == "custom":
            plain |= {f"custom.{slug}": number(each) for slug, each in value.items()}
        elif path == "emails":
            plain[path] = [each.address or each.raw for each in value]
        elif path == "phones":
            # An extension in the text is no field of its own, whatever a reader makes of it.
            plain[path] = [(each.e164 or each.raw, each.extension and each.raw) for each in value]
        elif isinstance(value, PersonName):
            plain[path] = (value.full, value.given, value.family)
        elif isinstance(value, Coded):
            plain[path] = value.value
        else:
            plain[path] = value
    return plain


def number(value):
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return Decimal(str(value)).normalize() if is_number else value


def differing(move, job="job"):
    """Each (source id, path) of what was read that does not say the same in the target's store."""
    found = set()
    theirs = move.target.opened.adapter
    for row in move.rows(job):
        if row.target_id is not None:
            stored = freeze(move.target_site.tenant.leads.get(row.target_id))
            sent, there = said(unstaged(row.payload)), said(theirs.lead(stored))
            found |= {
                (row.source_id, path) for path, value in sent.items() if there.get(path) != value
            }
    return found


def announced(move, job="job"):
    """Each (source id, path) of which the journal says that it is narrowed or dropped."""
    return {
        (row.source_id, loss.path)
        for row in move.rows(job)
        for loss in losses_of(row.losses)
        if loss.fidelity.is_lossy and loss.reason != "says_more"
    }


def said_more_of(move, job="job"):
    """Count by path the values that arrive, although the target's word says more than they do."""
    return Counter(
        loss.path
        for row in move.rows(job)
        for loss in losses_of(row.losses)
        if loss.reason == "says_more" and loss.path in said(unstaged(row.payload))
    )


def test_the_losses_of_1000_dirty_leads_are_exactly_those_the_plan_named(move):
    moving = move(source(NovalaSimulator, 1000), target(MegaSimulator))
    found = moving.plan(ask_vendor=True)
    moving.migrate()
    assert differing(moving) == announced(moving) != set()
    verified = moving.verify()
    assert verified.holds
    assert verified.compared == verified.found == verified.expected == 1000
    assert lossy(verified.announced) == lossy(found.losses)
    assert verified.spared.counts == verified.faults.counts == verified.missing.counts == Counter()
    paths = {path for _, path in announced(moving)}
    assert set(found.to_accept()) == paths
    assert {"name", "phones", "emails", "company.name", "custom.tags", "notes"} <= paths
    assert {"custom.site_count", "custom.preferred_contact"} <= paths


def test_accepting_what_the_plan_names_is_enough_and_needed(move):
    named = (
        move(source(NovalaSimulator, 60), target(MegaSimulator)).plan(ask_vendor=True).to_accept()
    )
    every = move(source(NovalaSimulator, 60), target(MegaSimulator))
    assert every.migrate(policy=Policy(named)).state == "done"
    for missing in named[:2]:
        rest = tuple(name for name in named if name != missing)
        less = move(source(NovalaSimulator, 60), target(MegaSimulator))
        assert less.plan().to_accept(Policy(rest)) == (missing,)
        assert less.migrate(policy=Policy(rest)).state == "done_with_failures"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].vendor}-{pair[1].vendor}")
def test_between_any_two_vendors_nothing_is_lost_that_was_not_named(move, pair):
    """A value that is dropped may still be there by chance, as the target's own default."""
    moving = move(source(pair[0], 60), target(pair[1]))
    found = moving.plan(ask_vendor=moving.target.capabilities.dry_run)
    moving.migrate()
    verified = moving.verify()
    assert verified.holds
    assert verified.compared == moving.journal.counts("job")["created"] > 50
    by_chance = verified.spared.counts - said_more_of(moving)
    taken = {key: n for key, n in lossy(found.losses).items() if key[2] != "says_more"}
    for key, leads in taken.items():
        assert verified.announced.counts[key] == leads - by_chance[key[0]]
    assert lossy(verified.announced).keys() <= lossy(found.losses).keys()
    named, lost = announced(moving), differing(moving)
    whole = {lead for lead, path in named if path == "custom"}
    lost = {
        (x, "custom") if x in whole and path.startswith("custom.") else (x, path)
        for x, path in lost
    }
    assert lost <= named
    assert sum(by_chance.values()) == len(named - lost)


def test_without_asking_the_plan_lists_the_custom_fields_that_the_target_may_not_know(move):
    unknown = {"site_count", "preferred_contact"}
    moving = move(source(NovalaSimulator, 200), target(MegaSimulator))
    found = moving.plan()
    listed = {word.word: word.leads for word in found.custom_slugs}
    assert unknown <= listed.keys() <= set(CUSTOM_FIELDS)
    moving.migrate()
    verified = moving.verify()
    more = {path: leads for (path, *_), leads in lossy(verified.announced).items()}
    assert verified.holds
    assert {f"custom.{slug}" for slug in unknown} == more.keys() - set(found.to_accept())
    assert all(more[f"custom.{slug}"] == listed[slug] for slug in unknown)


def test_where_the_target_knows_every_slug_asking_finds_nothing_more(move):
    moving = move(source(NovalaSimulator, 50), target(MegaSimulator, custom_slugs=CUSTOM_FIELDS))
    asked, not_asked = moving.plan(ask_vendor=True), moving.plan()
    assert asked.losses.counts == not_asked.losses.counts
    assert asked.answer.ignored.counts == Counter()
    assert Fidelity.DROPPED in {fidelity for _, fidelity, _ in asked.losses.counts}
