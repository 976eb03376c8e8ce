"""A plan: what it looks at, what it names, what it foretells, and that it writes nothing."""

import json
import tracemalloc

import pytest
from tests.transfer.trust.cabinet import CabinetSimulator
from tests.transfer.trust.move import Move, ReadOnly

from leadgateway import hookimpl
from leadgateway.adapter import Outcome
from leadgateway.errors import BadResponse, ConfigError, Unsupported
from leadgateway.exchange import Response
from leadgateway.mapping import Policy
from leadgateway.taxonomy import Fidelity, LeadStatus
from leadgateway.transfer.plan import _word
from leadgateway.values import Coded, Owner
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator


def novala(leads=0, **options):
    return NovalaSimulator(leads=leads, seed=3, rate_limits=False, **options)


def mega(leads=0, **options):
    return MegaSimulator(leads=leads, seed=4, rate_limits=False, **options)


@pytest.mark.parametrize("ask_vendor", [False, True], ids=["looking", "asking the vendor"])
def test_a_plan_writes_nothing(move, ask_vendor):
    guards = (ReadOnly(), ReadOnly())
    moving = move(novala(120), mega(3), drivers=guards)
    before = list(moving.target_site.tenant.leads)
    found = moving.plan(ask_vendor=ask_vendor)
    assert found.extent.looked_at == 120
    assert list(moving.target_site.tenant.leads) == before
    methods = [request.method for guard in guards for request in guard.sent]
    assert ("POST" in methods) is ask_vendor
    for request in guards[1].sent:
        assert request.header("idempotency-key") is None
        assert json.loads(request.body)["dry_run"] is True


def test_a_whole_source_is_looked_at_page_by_page(move):
    told = []
    found = move(novala(60), mega()).plan(progress=told.append)
    assert told == [25, 50, 60]
    assert found.source, found.target == ("here", "there")
    assert found.extent.complete
    assert (found.extent.total, found.extent.drafted, found.extent.pages) == (60, 60, 3)


def test_a_sample_looks_at_some_and_says_how_many_there_are_where_the_vendor_counts(move):
    counted = move(mega(250), CabinetSimulator()).plan(sample=30)
    assert counted.extent.looked_at == 30
    assert not counted.extent.complete
    assert counted.extent.total == 250
    read, written = counted.loads
    assert (read.requests, written.requests) == (3, 250)
    uncounted = move(novala(60), CabinetSimulator()).plan(sample=30)
    assert uncounted.extent.total is None
    assert [load.requests for load in uncounted.loads] == [2, 30]


def test_a_limit_is_the_whole_of_what_would_be_moved(move):
    found = move(mega(250), CabinetSimulator()).plan(limit=120)
    assert found.extent.complete
    assert (found.extent.looked_at, found.extent.total) == (120, 120)
    assert [load.requests for load in found.loads] == [2, 120]
    part = move(mega(250), CabinetSimulator()).plan(limit=120, sample=50)
    assert not part.extent.complete
    assert (part.extent.looked_at, part.extent.total) == (50, 120)
    assert [load.requests for load in part.loads] == [2, 120]
    more = move(mega(20), CabinetSimulator()).plan(limit=120, sample=50)
    assert more.extent.complete
    assert more.extent.total == 20


def test_an_empty_source_needs_no_requests_but_the_one_that_finds_it_empty(move):
    found = move(novala(), mega()).plan(ask_vendor=True)
    assert [load.requests for load in found.loads] == [1]
    assert found.seconds == 0.0
    assert found.to_accept() == ()


@pytest.mark.parametrize("option", ["sample", "limit"])
def test_less_than_one_lead_is_refused(move, option):
    with pytest.raises(ConfigError, match=option):
        move(novala(1), mega()).plan(**{option: 0})


def test_settings_that_cannot_write_are_refused_before_the_source_is_read(move):
    target = novala()
    reading = ReadOnly()
    moving = move(mega(1), target, token=target.publishable_key, drivers=(reading, None))
    with pytest.raises(ConfigError, match="publishable"):
        moving.plan()
    assert reading.sent == []


def test_asking_a_vendor_that_has_no_dry_run_is_unsupported(move):
    with pytest.raises(Unsupported, match="dry_run"):
        move(mega(1), novala()).plan(ask_vendor=True)


def test_words_that_the_target_has_none_for_are_counted_with_samples(move):
    moving = move(novala(200), mega())
    unmapped = {(word.path, word.word): word for word in moving.plan().unmapped}
    rows = list(moving.source_site.tenant.leads)
    forms = [row["id"] for row in rows if row["source"] == "web_form"]
    form = unmapped["source", "web_form"]
    assert (form.meaning, form.leads) == ("website", len(forms))
    assert len(form.samples) == 3
    assert set(form.samples) <= set(forms)
    assert unmapped["capture", "mcp"].meaning == "api"
    assigned = [row["assignedTo"] for row in rows if row["assignedTo"]]
    owners = {word: row.leads for (path, word), row in unmapped.items() if path == "owner"}
    assert owners == {each: assigned.count(each) for each in set(assigned)}


def test_stages_and_fallbacks_are_among_the_words_without_a_match(move):
    found = move(V1LeadsSimulator(leads=80, seed=3, rate_limits=False), mega()).plan()
    assert {word.path for word in found.unmapped} == {"stage.slug", "source"}
    fallen = move(mega(60), novala()).plan()
    assert "source" in {word.path for word in fallen.unmapped}
    reasons = {reason for path, _, reason in fallen.losses.counts if path == "source"}
    assert "fallback" in reasons


def test_a_person_or_a_value_without_an_id_is_named_by_what_there_is():
    assert _word(Owner(email="a@example.com", name="Ada")) == ("a@example.com", "")
    assert _word(Owner(name="Ada")) == ("Ada", "")
    assert _word(Coded[LeadStatus](value=LeadStatus.LOST)) == ("lost", "lost")


def test_a_mapped_word_is_no_longer_unmapped(move):
    found = move(novala(100), mega(), source_out={"website": "direct"}).plan()
    assert ("source", "web_form") not in {(word.path, word.word) for word in found.unmapped}
    assert {path for path, *_ in found.losses.counts} >= {"owner"}


def test_leads_that_cannot_be_written_are_counted_with_their_reason(move):
    source = ApolloSpaceSimulator(leads=4, seed=3, rate_limits=False)
    rows = [{**row, "contact_name": "Madonna"} for row in source.tenant.leads]
    for row in rows[:3]:
        source.tenant.leads.put(row)
    found = move(source, novala(), name_placeholder=None).plan()
    [(reason, leads, samples)] = found.unmappable.rows()
    assert "precondition" in reason
    assert leads == 3
    assert set(samples) == {row["id"] for row in rows[:3]}
    assert found.extent.drafted == 1
    assert found.loads[1].requests == 1


def test_leads_that_a_plugin_leaves_out_are_counted_apart(move):
    class Choosy:
        @hookimpl
        def leadgateway_skip(self, leads, job):
            without = [place for place, lead in enumerate(leads) if not lead.phones]
            return dict.fromkeys(without, "no phone")

    moving = move(novala(100), mega(), plugin=Choosy)
    found = moving.plan()
    without = [row for row in moving.source_site.tenant.leads if row["phone"] is None]
    assert found.skipped.counts == {"no phone": len(without)}
    assert found.extent.drafted == 100 - len(without)


def test_the_static_part_is_the_two_tables_own(move):
    found = move(novala(), mega()).plan()
    static = {row.path: row.fidelity for row in found.static.fields}
    assert static["company.name"] is Fidelity.DROPPED
    assert static["intent"] is Fidelity.DROPPED
    relocated = move(novala(), mega(), relocate={"company.name": "custom:company_name"}).plan()
    static = {row.path: row.fidelity for row in relocated.static.fields}
    assert static["company.name"] is Fidelity.RELOCATED


def test_what_must_be_accepted_is_what_the_policy_does_not_cover(move):
    found = move(novala(60), mega()).plan()
    named = found.to_accept()
    assert {"company.name", "custom.tags", "owner"} <= set(named)
    rest = found.to_accept(Policy(("company", "custom")))
    assert set(named) - set(rest) == {
        p for p in named if p.partition(".")[0] in {"company", "custom"}
    }
    assert found.to_accept(Policy(named)) == ()


def test_the_targets_own_answer_is_summed_up(move):
    target = mega(40)
    known = next(iter(target.tenant.leads))
    source = novala(30)
    twin = next(iter(source.tenant.leads))
    source.tenant.leads.put({**twin, "email": known["contact_email"], "phone": None})
    found = move(source, target).plan(ask_vendor=True).answer
    assert found.outcomes == {Outcome.CREATED: 29, Outcome.MERGED: 1}
    assert found.matched_by == {"email": 1}
    assert set(found.ignored.counts) == {"custom.site_count", "custom.preferred_contact"}
    assert found.failures.counts == {}


def test_a_row_that_the_target_would_refuse_is_named_and_its_losses_are_not_counted(move):
    stranger = "0b0f6d0e-6d5c-4c2b-9d49-0a4f0b7a8e11"
    source = novala(3)
    owned, *others = source.tenant.leads
    for row in others:
        source.tenant.leads.put({**row, "assignedTo": None})
    source.tenant.leads.put({**owned, "assignedTo": owned["id"]})
    moving = move(source, mega(), owner_map={owned["id"]: stranger})
    found = moving.plan(ask_vendor=True)
    assert found.answer.outcomes == {Outcome.CREATED: 2, Outcome.FAILED: 1}
    [(reason, leads, samples)] = found.answer.failures.rows()
    assert "team" in reason
    assert (leads, samples) == (1, (owned["id"],))
    assert "owner" not in {path for path, *_ in found.losses.counts}


def test_a_dry_run_that_is_refused_whole_is_halved_until_the_guilty_row_is_alone(move):
    target = mega()
    moving = move(novala(5), target)
    third = list(moving.source_site.tenant.leads)[2]
    adapter = moving.target.opened.adapter
    ask = adapter.dry_run

    def refuse_the_third(drafts):
        response = yield adapter.read("api", "agents", "crm", "leads", params={"limit": "1"})
        if any(draft.fields["contact_email"] == third["email"] for draft in drafts):
            raise adapter.explain(Response(400, (), b"{}", response.request))
        return (yield from ask(drafts))

    adapter.dry_run = refuse_the_third
    found = moving.plan(ask_vendor=True)
    assert found.answer.outcomes == {Outcome.CREATED: 4, Outcome.FAILED: 1}
    assert [samples for *_, samples in found.answer.failures.rows()] == [(third["id"],)]


def test_the_time_is_what_the_slower_sides_quota_allows(move):
    source, target = mega(450), V1LeadsSimulator(rate_limits=False)
    slowed = move(source, target, source_settings={"rate_limits": True}, rate_limits=True).plan()
    read, written = slowed.loads
    assert (read.requests, read.seconds) == (5, 0.0)
    assert written.requests == slowed.extent.drafted > 400
    assert written.seconds == pytest.approx(written.requests - 119, rel=0.005)
    assert written.documented
    assert slowed.seconds == written.seconds
    read, written = move(mega(450), mega(), rate_limits=True).plan().loads
    assert (read.bucket, read.requests) == ("default", 5)
    assert (written.bucket, written.requests, written.seconds) == ("bulk", 1, 0.0)
    free = move(mega(450), V1LeadsSimulator(rate_limits=False)).plan()
    assert free.seconds == 0.0
    assert not free.loads[1].documented


def test_a_list_that_ends_before_its_own_count_is_no_complete_source(move):
    source = CabinetSimulator(leads=120, seed=1)
    whole = source._list

    def short(call, access):
        answer = whole(call, access)
        body = json.loads(answer.body)
        return type(answer).of(
            200, body | {"after": None} if call.query(frozenset(("after",))) else body
        )

    source._list = short
    source.router = type(source.router)(source.routes())
    with pytest.raises(BadResponse, match="100 of 120"):
        move(source, mega()).plan()


def test_a_lead_that_is_listed_twice_is_looked_at_once(move):
    source = CabinetSimulator(leads=60, seed=1)
    whole = source._list

    def again(call, access):
        answer = whole(call, access)
        body = json.loads(answer.body)
        first = next(iter(source.tenant.leads))
        return type(answer).of(200, body | {"files": [*body["files"], first]})

    source._list = again
    source.router = type(source.router)(source.routes())
    assert move(source, mega()).plan().extent.looked_at == 60


class Endless:
    """A driver that lists as many invented leads as it was told, a page at a time."""

    def __init__(self, leads: int) -> None:
        self._leads = leads

    async def send(self, request):
        start = int(dict(request.params).get("after", "0"))
        end = min(self._leads, start + 50)
        files = [
            {"id": f"{index:036d}", "who": f"Person {index}", "mail": f"p{index}@example.com",
             "memo": "word " * 30, "made": "2026-01-01T00:00:00Z"}
            for index in range(start, end)
        ]  # fmt: skip
        after = str(end) if end < self._leads else None
        body = json.dumps({"files": files, "after": after, "total": self._leads}).encode()
        return Response(200, (("content-type", "application/json"),), body, request)

    async def close(self):
        pass


def test_memory_does_not_grow_with_the_source(tmp_path):
    def peak(leads):
        with Move(
            CabinetSimulator(), mega(), tmp_path / str(leads), drivers=(Endless(leads), None)
        ) as m:
            m.plan()  # what is remembered for good is remembered now
            tracemalloc.start()
            try:
                assert m.plan().extent.looked_at == leads
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    # 1200 leads kept would be well over a megabyte; the collector's own ups and downs are not.
    assert peak(2400) < peak(1200) + 300_000
