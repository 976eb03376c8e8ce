"""What plugins decide, add and hear, on connections that really read and write."""

import asyncio
import logging
from dataclasses import replace

import click
import pytest
from tests.gateway.faces import FACES, AsyncScripted, Face

from leadgateway import AsyncGateway, Lead, hookimpl
from leadgateway.adapter import Outcome, Receipt
from leadgateway.consulted import ConsultedWords
from leadgateway.errors import AuthError, FidelityError, PluginError, Rejected
from leadgateway.events import ExchangeFinished, JobFinished, JobStarted, LeadsSettled
from leadgateway.hookspecs import Normalizer
from leadgateway.mapping import CREATE, Field, Text
from leadgateway.plugins import Plugins
from leadgateway.taxonomy import LeadSource, LeadStatus

V1 = {"token": "t", "base_url": "https://v1.example/api/v1"}


@pytest.fixture(params=[FACES[0], FACES[2]], ids=["sync", "async"])
def face(request):
    opened = Face(*request.param)
    yield opened
    opened.close()


@pytest.fixture
def plugged(face, installed):
    """Open a v1 connection whose vendor answers by a script, with plugins beside our own."""

    def connect(*plugins, rows=(), answer=None, **settings):
        registry = installed()
        for number, plugin in enumerate(plugins):
            registry.register(plugin, f"plugin-{number}", f"dist-{number}")

        def script(request):
            if answer is not None:
                return answer
            if request.method == "GET":
                return 200, {"data": list(rows), "next_cursor": None}
            return 201, {"id": "made"}

        driver = face.driver(script)
        gateway = face.gateway(plugins=registry)
        connection = face.open("v1_leads", gateway=gateway, driver=driver, **{**V1, **settings})
        connection.driver = driver
        return connection

    return connect


def row(**fields):
    return {"id": "r1", "email": "ana@example.com", **fields}


class Deciding:
    """Answers for one word of each axis, and counts how often it is asked."""

    def __init__(self, source=None, status=None):
        self.words = {"source": source or {}, "status": status or {}}
        self.asked = []

    @hookimpl
    def leadgateway_source(self, vendor, native):
        self.asked.append((vendor, native))
        return self.words["source"].get(native)

    @hookimpl
    def leadgateway_status(self, vendor, native):
        self.asked.append((vendor, native))
        return self.words["status"].get(native)


# Decided


def test_a_plugin_says_what_a_vendors_word_means_and_is_asked_once_a_word(plugged):
    deciding = Deciding({"fair": LeadSource.EVENT}, {"dead": LeadStatus.LOST})
    rows = [row(source="fair", pipeline_stage="dead"), row(source="fair", pipeline_stage="odd")]
    first, second = plugged(deciding, rows=rows).list_leads()
    assert (first.source.value, first.source.native) == (LeadSource.EVENT, "fair")
    assert (first.status.value, first.status.native) == (LeadStatus.LOST, "dead")
    assert second.status.value is LeadStatus.UNKNOWN
    assert sorted(deciding.asked) == [
        ("v1_leads", "dead"),
        ("v1_leads", "fair"),
        ("v1_leads", "odd"),
    ]


def test_the_connections_own_map_wins_and_nobody_is_asked(plugged):
    deciding = Deciding({"fair": LeadSource.EVENT})
    connection = plugged(deciding, rows=[row(source="fair")], source_map={"fair": "referral"})
    (lead,) = connection.list_leads()
    assert lead.source.value is LeadSource.REFERRAL
    assert deciding.asked == []


def test_a_plugin_may_overrule_the_adapters_own_word(plugged):
    deciding = Deciding({"website": LeadSource.PARTNER})
    (lead,) = plugged(deciding, rows=[row(source="website")]).list_leads()
    assert lead.source.value is LeadSource.PARTNER


def test_a_word_that_a_plugin_explained_is_written_back_as_it_was(plugged):
    connection = plugged(Deciding({"fair": LeadSource.EVENT}), rows=[row(source="fair")])
    (lead,) = connection.list_leads()
    assert connection.preview(lead, lenient=True).body["source"] == "fair"
    assert connection.preview(lead, lenient=True, region="BR").body["source"] == "fair"


def test_what_is_written_does_not_depend_on_what_was_read_before(plugged):
    deciding = Deciding({"fair": LeadSource.EVENT})
    connection = plugged(deciding, rows=[row(source="fair")])
    lead = Lead(email="bo@example.com", source=LeadSource.EVENT)
    before = connection.preview(lead, lenient=True).body
    list(connection.list_leads())
    assert connection.preview(lead, lenient=True).body == before


def test_of_several_answers_the_last_registered_counts_unless_it_has_no_opinion(plugged):
    older, newer = Deciding({"fair": "event", "x": "event"}), Deciding({"fair": "partner"})
    rows = [row(source="fair"), row(source="x")]
    fair, other = plugged(older, newer, rows=rows).list_leads()
    assert (fair.source.value, other.source.value) == (LeadSource.PARTNER, LeadSource.EVENT)


@pytest.mark.parametrize("answer", ["nowhere", 3, b"event"])
def test_an_answer_that_is_no_canonical_value_names_its_plugin(plugged, answer):
    connection = plugged(Deciding({"fair": answer}), rows=[row(source="fair")])
    said = "plugin 'plugin-0' of dist-0: leadgateway_source answered what is no LeadSource"
    with pytest.raises(PluginError, match=said):
        list(connection.list_leads())


def test_a_decision_that_fails_names_its_plugin(plugged):
    class Failing:
        @hookimpl
        def leadgateway_status(self, native):
            raise KeyError(native)

    connection = plugged(Failing(), rows=[row(pipeline_stage="dead")])
    with pytest.raises(PluginError, match="'plugin-0' of dist-0: leadgateway_status failed: KeyE"):
        list(connection.list_leads())


@pytest.mark.parametrize("asked", [{"status": "lost"}, {"source": "event"}])
def test_leads_that_a_plugin_reads_as_the_value_asked_for_are_listed(plugged, asked):
    deciding = Deciding({"fair": "event"}, {"dead": "lost"})
    rows = [
        row(id="a", pipeline_stage="dead", source="fair"),
        row(id="b", pipeline_stage="lost", source="event"),
        row(id="c", pipeline_stage="new", source="website"),
    ]
    found = plugged(deciding, rows=rows).list_leads(**asked)
    assert [lead.ref.id for lead in found] == ["a", "b"]


def test_words_list_only_what_the_connection_says_itself():
    words = ConsultedWords({"own": 1}, lambda native: 2 if native == "asked" else None)
    assert (words["asked"], words["own"]) == (2, 1)
    assert (list(words), len(words)) == (["own"], 1)
    assert "neither" not in words


def test_a_plugin_leaves_leads_out_of_a_migration():
    class Skipping:
        @hookimpl
        def leadgateway_skip(self, leads, job):
            return {
                place: f"test lead for {job.target}"
                for place, lead in enumerate(leads)
                if lead.notes == "test"
            }

    class Choosy:
        @hookimpl
        def leadgateway_skip(self, leads):
            return {0: "the first one"} if len(leads) > 1 else None

    plugins, job = Plugins(), JobStarted("a", "b")
    page = [Lead(notes=notes) for notes in ("test", "real", "test")]
    assert plugins.skip(page, job) == {}
    plugins.register(Choosy(), "choosy")
    plugins.register(Skipping(), "skipping")
    assert plugins.skip(page, job) == {0: "test lead for b", 2: "test lead for b"}
    assert plugins.skip(page[1:], job) == {0: "the first one", 1: "test lead for b"}
    assert plugins.skip(page[1:2], job) == {}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (True, "what is no mapping"),
        ("a reason", "what is no mapping"),
        ({0: True}, "texts for why"),
        ({1: "beyond the page"}, "places in the page"),
        ({-1: "before it"}, "places in the page"),
    ],
)
def test_an_answer_that_names_no_leads_names_its_plugin(answer, said):
    class Skipping:
        @hookimpl
        def leadgateway_skip(self):
            return answer

    plugins = Plugins()
    plugins.register(Skipping(), "skipping")
    with pytest.raises(PluginError, match=f"'skipping'.*leadgateway_skip .*{said}"):
        plugins.skip([Lead()], JobStarted("a", "b"))


# Offered


class Ruling:
    """Brings rules for one vendor."""

    def __init__(self, *rules, vendor="v1_leads"):
        self.rules = rules
        self.vendor = vendor

    @hookimpl
    def leadgateway_rules(self, vendor):
        return self.rules if vendor == self.vendor else ()


def test_a_plugin_adds_a_rule_both_ways_and_fidelity_knows_it(plugged, face, installed):
    lead = Lead(email="ana@example.com", notes="likes tea")
    with pytest.raises(FidelityError):
        plugged().create_lead(lead)
    ruling = Ruling(Field("notes", "comment", Text(), on=CREATE))
    connection = plugged(ruling, rows=[row(comment="likes coffee")])
    assert connection.preview(lead).body["comment"] == "likes tea"
    (read,) = connection.list_leads()
    assert read.notes == "likes coffee"
    registry = installed()
    registry.register(ruling, "ruling")
    report = face.gateway(plugins=registry).fidelity("novala", "v1_leads")
    assert [f.target_keys for f in report.fields if f.path == "notes"] == [("comment",)]


def test_a_plugin_replaces_the_adapters_own_rule(plugged):
    connection = plugged(Ruling(Field("company.name", "firm", Text(), on=CREATE)))
    body = connection.preview(Lead(email="ana@example.com", company="Acme")).body
    assert body["firm"] == "Acme"
    assert "company" not in body


def test_rules_for_another_vendor_change_nothing(plugged):
    connection = plugged(Ruling(Field("notes", "comment", Text(), on=CREATE), vendor="elsewhere"))
    assert connection.preview(Lead(email="a@example.com", notes="x")).refused


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (Field("notes", "b", Text(), on=CREATE), "two rules speak for 'notes'"),
        (Field("line", "a", Text(), on=CREATE), "'notes' and 'line' are both written to 'a'"),
        (Field("line", "source", Text(), on=CREATE), "'source' and 'line' are both written to"),
        (Field("emali", "b", Text(), on=CREATE), "no lead has a part 'emali'; paths: emails"),
    ],
    ids=["same-field", "same-key", "key-of-the-table", "no-path"],
)
def test_rules_that_do_not_fit_are_an_error_that_names_plugin_and_vendor(plugged, rule, why):
    # Of two that clash it is the one asked later, which is the one registered earlier.
    plugins = Ruling(rule), Ruling(Field("notes", "a", Text(), on=CREATE))
    said = f"plugin 'plugin-0' of dist-0: rules for 'v1_leads' do not fit: {why}"
    with pytest.raises(PluginError, match=said):
        plugged(*plugins)


@pytest.mark.parametrize("rules", [("notes",), (None,)])
def test_what_is_no_rule_names_its_plugin(plugged, rules):
    with pytest.raises(PluginError, match="plugin 'plugin-0' of dist-0: leadgateway_rules"):
        plugged(Ruling(*rules))


class Cleaning:
    """Brings cleaning steps."""

    def __init__(self, *steps):
        self.steps = steps

    @hookimpl
    def leadgateway_normalizers(self):
        return self.steps


def appending(order: int, name: str) -> Normalizer:
    def clean(lead):
        return lead.model_copy(update={"notes": f"{lead.notes or ''}{name}"})

    return Normalizer(order, name, clean)


def test_cleaning_steps_run_by_order_then_by_name_on_every_lead_that_is_read(plugged):
    connection = plugged(
        Cleaning(appending(20, "c"), appending(10, "a")),
        Cleaning(appending(10, "b"), appending(30, "d")),
        rows=[row(), row()],
    )
    assert [lead.notes for lead in connection.list_leads()] == ["abcd", "abcd"]
    got = plugged(Cleaning(appending(1, "x")), answer=(200, row())).get_lead("r1")
    assert got.notes == "x"


def test_a_cleaned_lead_keeps_what_the_vendor_said_and_is_written_back_clean(plugged):
    def tidy(lead):
        return lead.model_copy(update={"company": lead.company.model_copy(update={"name": "Acme"})})

    rows = [row(company=" acme ")]
    connection = plugged(Cleaning(Normalizer(1, "tidy", tidy)), rows=rows, answer=None)
    (lead,) = connection.list_leads()
    assert lead.raw["company"] == " acme "
    connection.driver.script = lambda request: (200, {"id": "r1"})
    connection.update_lead("r1", lead)
    assert connection.driver.sent[-1].body == b'{"company":"Acme"}'


def test_a_cleaning_step_that_fails_is_named(plugged):
    connection = plugged(Cleaning(Normalizer(1, "shaky", lambda lead: 1 / 0)), rows=[row()])
    with pytest.raises(PluginError, match="normalizer 'shaky' failed: ZeroDivisionError"):
        list(connection.list_leads())


def test_a_cleaning_step_that_returns_no_lead_is_named(plugged):
    connection = plugged(Cleaning(Normalizer(1, "forgetful", lambda lead: None)), rows=[row()])
    with pytest.raises(PluginError, match="normalizer 'forgetful' returned no lead"):
        list(connection.list_leads())


@pytest.mark.parametrize("steps", [Cleaning(print), Cleaning(None)])
def test_what_is_no_cleaning_step_names_its_plugin(plugged, steps):
    with pytest.raises(PluginError, match="leadgateway_normalizers"):
        plugged(steps)


def test_what_is_no_list_names_its_plugin(plugged):
    class Odd:
        @hookimpl
        def leadgateway_normalizers(self):
            return 3

    with pytest.raises(PluginError, match="plugin 'plugin-0' of dist-0: leadgateway_normalizers"):
        plugged(Odd())


def test_a_plugin_adds_commands():
    class Commanding:
        @hookimpl
        def leadgateway_commands(self, app):
            app.add_command(click.Command("greet"))

    plugins = Plugins()
    plugins.register(Commanding(), "commanding")
    app = click.Group()
    plugins.add_commands(app)
    assert list(app.commands) == ["greet"]


def test_commands_that_fail_name_their_plugin():
    class Commanding:
        @hookimpl
        def leadgateway_commands(self, app):
            raise ValueError

    plugins = Plugins()
    plugins.register(Commanding(), "commanding")
    with pytest.raises(PluginError, match="'commanding' of the application: leadgateway_commands"):
        plugins.add_commands(click.Group())


# Announced


class Listening:
    """Keeps what it hears."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def leadgateway_exchange_finished(self, event):
        self.heard.append(event)

    @hookimpl
    def leadgateway_leads_settled(self, event):
        self.heard.append(event)

    @hookimpl
    def leadgateway_job_started(self, event):
        self.heard.append(event)

    @hookimpl
    def leadgateway_job_finished(self, event):
        self.heard.append(event)

    def of(self, kind):
        return [event for event in self.heard if isinstance(event, kind)]


def test_every_exchange_is_heard_of_without_what_was_said(plugged):
    listening = Listening()
    connection = plugged(listening, rows=[row()])
    list(connection.list_leads(source="website"))
    (event,) = listening.of(ExchangeFinished)
    assert (event.vendor, event.connection, event.method) == ("v1_leads", "v1_leads", "GET")
    assert (event.path, event.status, event.failure) == ("/api/v1/leads", 200, None)
    assert event.seconds >= 0
    assert "website" not in repr(event)


def test_an_exchange_that_failed_is_heard_of_by_its_kind(plugged):
    listening = Listening()
    connection = plugged(listening)
    connection.driver.script = lambda request: AuthError("no")
    with pytest.raises(AuthError):
        connection.check()
    (event,) = listening.of(ExchangeFinished)
    assert (event.status, event.failure) == (None, "AuthError")


def test_how_each_write_ended_is_heard_of(plugged):
    listening = Listening()
    connection = plugged(listening)
    lead = Lead(email="ana@example.com")
    connection.create_lead(lead)
    connection.driver.script = lambda request: (200, {"id": "r1"})
    connection.update_lead("r1", lead)
    connection.create_many([Lead(notes="nobody"), Lead(notes="no one")])
    connection.create_many([])
    outcomes = [
        [(lead.outcome, lead.external_id) for lead in event.leads]
        for event in listening.of(LeadsSettled)
    ]
    assert outcomes == [
        [(Outcome.CREATED, "made")],
        [(Outcome.UPDATED, "r1")],
        [(Outcome.FAILED, None), (Outcome.FAILED, None)],
    ]


def test_a_write_that_raises_is_heard_of_as_well(plugged):
    listening = Listening()
    connection = plugged(listening, answer=(400, {"error": {"message": "no"}}))
    source = Lead(email="ana@example.com", ref={"vendor": "x", "connection": "x", "id": "s1"})
    with pytest.raises(Rejected):
        connection.create_lead(source)
    with pytest.raises(FidelityError):
        connection.create_lead(source.model_copy(update={"tags": ("x",)}))
    (rejected,), (unfaithful,) = [event.leads for event in listening.of(LeadsSettled)]
    assert (rejected.outcome, rejected.source_id) == (Outcome.FAILED, "s1")
    assert [loss.path for loss in unfaithful.losses] == ["tags"]


class Stopped(BaseException):
    """What ends a program, not a write."""


def test_what_was_written_before_the_call_was_cut_short_is_heard_of(plugged):
    def script(request):
        if b"ana2" in request.body:
            raise Stopped
        return 201, {"id": "made"}

    listening = Listening()
    connection = plugged(listening)
    connection.driver.script = script
    leads = [Lead(email=f"ana{number}@example.com") for number in range(4)]
    with pytest.raises((Stopped, BaseExceptionGroup)):
        connection.create_many([Lead(notes="nobody"), *leads], concurrency=1)
    (event,) = listening.of(LeadsSettled)
    assert [lead.outcome for lead in event.leads[:3]] == [Outcome.FAILED] + [Outcome.CREATED] * 2


def test_what_was_written_before_a_time_was_up_is_heard_of(installed):
    class Answering(AsyncScripted):
        async def send(self, request):
            if b"ana2" in request.body:
                await asyncio.sleep(60)
            return await super().send(request)

    async def main():
        driver = Answering(lambda _: (201, {"id": "made"}))
        connection = AsyncGateway(plugins=registry, environ={}).connect(
            "v1_leads", driver=driver, **V1
        )
        leads = (Lead(email=f"ana{number}@example.com") for number in range(3))
        async with asyncio.timeout(0.2):
            await connection.create_many(leads)

    listening, registry = Listening(), installed()
    registry.register(listening, "listening")
    with pytest.raises(TimeoutError):
        asyncio.run(main())
    (event,) = listening.of(LeadsSettled)
    assert [lead.outcome for lead in event.leads] == [Outcome.CREATED] * 2


def test_a_listener_that_fails_keeps_neither_the_work_nor_another_from_going_on(plugged, caplog):
    class Failing:
        @hookimpl
        def leadgateway_exchange_finished(self):
            raise OSError("canary")

        @hookimpl
        def leadgateway_leads_settled(self, event):
            raise OSError("canary")

    before, after = Listening(), Listening()
    connection = plugged(before, Failing(), after)
    with caplog.at_level(logging.DEBUG):
        assert connection.create_lead(Lead(email="a@example.com")).external_id == "made"
    assert len(before.heard) == len(after.heard) == 2
    assert caplog.messages == [
        "leadgateway_exchange_finished in 'plugin-1' failed: OSError",
        "leadgateway_leads_settled in 'plugin-1' failed: OSError",
    ]
    assert "canary" not in caplog.text


def test_jobs_are_announced_to_whoever_listens():
    listening, plugins = Listening(), Plugins()
    plugins.announce("leadgateway_job_started", JobStarted("a", "b"))
    plugins.register(listening, "listening")
    plugins.announce("leadgateway_job_started", JobStarted("a", "b"))
    plugins.announce("leadgateway_job_finished", JobFinished("a", "b", {"created": 1}))
    assert listening.heard == [JobStarted("a", "b"), JobFinished("a", "b", {"created": 1})]


def test_an_observed_driver_is_closed_with_its_connection(plugged):
    connection = plugged(Listening())
    connection.close()
    assert connection.driver.closed


# An adapter that breaks its promises


@pytest.mark.parametrize("fault", [KeyError("oops"), None], ids=["raises", "loses a receipt"])
def test_an_adapters_own_bug_costs_no_receipt(face, installed, install, tinycrm, fault):
    install("acme-leads", {"acme": "buggy_tiny"}, buggy_tiny=tinycrm)
    registry = installed()
    kind = registry.adapter("tinycrm")

    class Buggy(kind):
        capabilities = replace(
            kind.capabilities,
            operations=kind.capabilities.operations | {"create_many"},
            batch_size=2,
        )

        def create_many(self, drafts, key):
            yield self.write("POST", "people", body=b"[]")
            if fault is not None and drafts[0].fields["who"] == "2":
                raise fault
            missing = drafts[0].fields["who"] == "2"
            return [Receipt(Outcome.CREATED, d.fields["who"]) for d in drafts[missing:]]

    class Acme:
        @hookimpl
        def leadgateway_adapters(self):
            return {"tinycrm": Buggy}

    registry = installed(LEADGATEWAY_BLOCK="acme")
    registry.register(Acme(), "buggy")
    driver = face.driver(lambda request: (201, {}))
    connection = face.open(
        "tinycrm", gateway=face.gateway(plugins=registry), driver=driver, token="t"
    )
    receipts = connection.create_many([Lead(name=str(n)) for n in range(6)], concurrency=1)
    assert [receipt.outcome for receipt in receipts] == [
        *["created"] * 2,
        *["unknown"] * 2,
        *["failed"] * 2,
    ]
    assert "the adapter of tinycrm failed" in str(receipts[2].error)
    assert isinstance(receipts[4].error, PluginError)
    assert len(driver.sent) == 2
