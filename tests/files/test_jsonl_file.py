"""Leads as lines of JSON: what is read is what was written, and each is written once."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.files.rows import FILE, lead
from tests.laws.leads import LEADS

from leadgateway import Lead
from leadgateway.adapter import Outcome
from leadgateway.capabilities import Operation
from leadgateway.errors import ConfigError, CursorError, MappingError, PluginError, Rejected
from leadgateway.files.jsonl_file import JsonlFile
from leadgateway.gateway import Gateway
from leadgateway.mapping import CREATE, Field, Text, Use
from leadgateway.plugins import Plugins
from leadgateway.values import ExternalRef


@settings(max_examples=50, deadline=None)
@given(st.lists(LEADS, max_size=2, unique_by=lambda each: each.ref and each.ref.id))
def test_what_is_read_is_what_was_written(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("lines") / FILE
    with Gateway(environ={}).connect(str(path)) as connection:
        receipts = connection.create_many(written)
        stored = [
            (each, receipt)
            for each, receipt in zip(written, receipts, strict=True)
            if receipt.outcome is Outcome.CREATED
        ]
        refused = [r for r in receipts if r.outcome is not Outcome.CREATED]
        assert {type(receipt.error) for receipt in refused} <= {MappingError}
        found = list(connection.list_leads()) if stored else []
    assert [each.ref.id for each in found] == [receipt.external_id for _, receipt in stored]
    for back, (sent, _) in zip(found, stored, strict=True):
        assert back == (sent if sent.ref else sent.model_copy(update={"ref": back.ref}))
        assert back.model_dump_json(exclude={"ref"}) == sent.model_dump_json(exclude={"ref"})


def test_a_lead_that_json_cannot_hold_is_refused_by_name(face, folder):
    connection = face.open(FILE)
    deep = 0
    for _ in range(300):
        deep = [deep]
    for odd in (lead("1", notes="half \ud800"), lead("2", raw={"deep": deep})):
        with pytest.raises(MappingError, match="not_json"):
            connection.create_lead(odd)
    assert not (folder / FILE).exists()


@pytest.mark.parametrize("depth", [50, *range(195, 203)])
def test_a_record_is_as_deep_as_it_can_be_read_back(face, depth):
    deep = 0
    for _ in range(depth):
        deep = [deep]
    connection = face.open(FILE)
    try:
        connection.create_lead(lead("1", raw={"deep": deep}))
    except MappingError:
        return
    assert [each.raw["deep"] for each in connection.list_leads()] == [_tuples(deep)]


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def test_a_lead_is_created_once_whoever_repeats_it(face, folder):
    first = face.open(FILE)
    receipt = first.create_lead(lead("1"))
    assert (receipt.outcome, receipt.external_id, receipt.doubt) == ("created", "1", None)
    for connection in (first, face.open(FILE)):
        again = connection.create_lead(lead("1"))
        assert (again.outcome, again.external_id, again.doubt) == ("created", "1", "was_there")
    assert (folder / FILE).read_text().count("\n") == 1


def test_an_id_that_is_taken_is_refused(face, folder):
    connection = face.open(FILE)
    connection.create_lead(lead("1"))
    elsewhere = ExternalRef(vendor="summit", connection="prod", id="1")
    for other in (lead("1", notes="changed"), Lead(ref=elsewhere, name="Ana Souza")):
        with pytest.raises(Rejected, match="that id"):
            connection.create_lead(other)
    batch = connection.create_many(
        [lead("2"), lead("1", notes="x"), lead("2"), lead("2", notes="y")]
    )
    assert [r.outcome for r in batch] == ["created", "failed", "created", "failed"]
    assert [each.ref.id for each in connection.list_leads()] == ["1", "2"]


def test_a_lead_without_a_reference_is_known_by_what_it_says(face):
    connection = face.open(FILE)
    one, other = connection.create_many([Lead(name="Ana"), Lead(name="Bia")])
    assert one.external_id != other.external_id
    assert connection.create_lead(Lead(name="Ana")).doubt == "was_there"
    found = list(connection.list_leads())
    assert [each.ref.id for each in found] == [one.external_id, other.external_id]
    assert {(each.ref.vendor, each.ref.connection) for each in found} == {("jsonl", FILE)}


def test_many_are_written_in_batches_and_read_in_pages(face):
    connection = face.open(FILE)
    many = [lead(str(n), notes="x" * 500) for n in range(950)]
    receipts = connection.create_many(many)
    assert [receipt.external_id for receipt in receipts] == [str(n) for n in range(950)]
    pages = list(connection.list_leads(page_size=300).pages())
    assert [len(page.leads) for page in pages] == [300, 300, 300, 50]
    found = {each.ref.id: each for page in pages for each in page.leads}
    assert found == {each.ref.id: each for each in many}
    rest = face.open(FILE).list_leads().pages(pages[1].next_cursor)
    assert sum(len(page.leads) for page in rest) == 350


def test_a_file_is_its_owners_alone(face, folder):
    face.open(FILE).create_lead(lead("1"))
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600


def test_a_file_that_another_program_appends_to_or_replaces_is_read_again(face, folder):
    connection = face.open(FILE)
    connection.create_lead(lead("1"))
    with (folder / FILE).open("a") as file:
        file.write(lead("2").model_dump_json() + "\n")
    assert connection.create_lead(lead("2")).doubt == "was_there"
    (folder / "other").write_text(lead("3").model_dump_json() + "\n")
    (folder / "other").replace(folder / FILE)
    assert connection.create_lead(lead("1")).doubt is None
    assert [each.ref.id for each in connection.list_leads()] == ["3", "1"]


def test_a_file_that_grows_while_it_is_listed_is_noticed(face):
    connection = face.open(FILE)
    connection.create_many([lead(str(n)) for n in range(5)])
    pages = iter(connection.list_leads(page_size=2).pages())
    next(pages)
    connection.create_lead(lead("more"))
    with pytest.raises(CursorError, match="changed"):
        next(pages)


def test_a_file_that_is_not_there_is_no_empty_list(face):
    connection = face.open(FILE)
    with pytest.raises(ConfigError, match=r"out\.jsonl: the file does not exist"):
        list(connection.list_leads())
    assert dict(connection.check()) == {"reachable": True, "exists": False}


def test_a_preview_shows_the_line(face):
    shown = face.open(FILE).preview(lead("1"))
    assert shown.body == json.loads(lead("1").model_dump_json())
    assert (shown.losses, shown.refused) == ((), ())


def test_nothing_is_promised_to_be_lost(folder):
    report = Gateway(environ={}).fidelity(FILE, "other.ndjson")
    assert {str(field.fidelity) for field in report.fields} == {"exact"}
    assert not any("no word" in note for field in report.fields for note in field.notes)


def test_the_table_needs_no_rule(folder):
    assert JsonlFile.rules.for_terms(None) is JsonlFile.rules
    with pytest.raises(ValueError, match="whole lead"):
        JsonlFile.rules.overridden([Field("name", "other", Text(), on=CREATE)])

    class Overriding:
        from leadgateway.hookspecs import hookimpl

        @hookimpl
        def leadgateway_rules(self, vendor):
            return [Field("name", "other", Text(), on=CREATE)]

    plugins = Plugins()
    plugins.register(Overriding, "overriding")
    with pytest.raises(PluginError, match="whole lead"):
        Gateway(plugins=plugins, environ={}).connect(FILE)


def test_a_draft_arrives_as_the_lead_it_was_made_of(face):
    adapter = face.open(FILE).opened.adapter
    sent = lead("1", score=7, custom={"x": None}, email=None)
    draft = adapter.table.write(sent, Use.BULK, adapter.settings)
    assert adapter.table.arrival(draft, adapter.settings) == sent
    assert Operation.CREATE_MANY in adapter.capabilities.operations
