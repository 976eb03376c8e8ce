"""The contract: what a class must be, and what every adapter inherits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from tests.adapters.conversation import talk

from leadgateway import Lead
from leadgateway.adapter import (
    Adapter,
    Change,
    Complaint,
    LeadQuery,
    Outcome,
    Page,
    Receipt,
    Sought,
)
from leadgateway.capabilities import Capabilities, IdempotencyKey, Operation, Paging
from leadgateway.consulted import ConsultedWords
from leadgateway.errors import (
    AuthError,
    BadResponse,
    ConfigError,
    MappingError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    Unsupported,
    VendorError,
)
from leadgateway.exchange import Effect, Flow, Request, Response, dumps
from leadgateway.frozen import FrozenDict
from leadgateway.mapping import (
    CREATE,
    Choice,
    Draft,
    Field,
    Joint,
    RuleSet,
    StageIsStatus,
    Text,
    Use,
)
from leadgateway.settings import Settings
from leadgateway.taxonomy import LeadSource, LeadStatus

SOURCES = Choice({"ads": LeadSource.PAID_SEARCH}, LeadSource.OTHER)
PHASES = Choice({"won": LeadStatus.CONVERTED}, LeadStatus.UNKNOWN, open_ended=True)


def powers(*operations: Operation, **more: Any) -> Capabilities:
    return Capabilities(
        title="Harbour",
        operations=frozenset({Operation.LIST, Operation.CREATE, *operations}),
        paging=Paging(default_limit=10, max_limit=None),
        **more,
    )


class Harbour(Adapter[Settings]):
    """The smallest adapter there can be."""

    vendor: ClassVar = "harbour"
    settings_type: ClassVar = Settings
    rules: ClassVar = RuleSet(
        "harbour",
        (
            Field("notes", "notes", Text(), on=CREATE),
            Field("source", "source", SOURCES, on=CREATE),
            Joint(("status", "stage.slug"), ("phase",), StageIsStatus("phase", PHASES), on=CREATE),
        ),
    )
    capabilities: ClassVar = powers(idempotency=IdempotencyKey(header="x-key"))

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        answer = self.expect((yield self.read("leads", params={"cursor": cursor})), 200)
        return Page(tuple(self.lead(row.value) for row in answer.objects("rows")), None, 7)

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        answer = self.expect((yield self.write("POST", "leads", body=draft.body, key=key)), 201)
        return Receipt(Outcome.CREATED, answer.identifier("id"))

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        return Complaint(**{key: body[key] for key in body})


def harbour(kind: type[Harbour] = Harbour, **settings: Any) -> Harbour:
    return kind(Settings.of({"token": "t", "base_url": "https://h.example/v1", **settings}))


METHODS: dict[Operation, str] = {
    Operation.GET: "get",
    Operation.UPDATE: "update",
    Operation.DELETE: "delete",
    Operation.CREATE_MANY: "create_many",
    Operation.CHANGES: "changes_page",
}


def made(capabilities: Capabilities, **methods: Any) -> type:
    return type("Made", (Harbour,), {"capabilities": capabilities, **methods})


def test_every_optional_power_is_named_here() -> None:
    assert set(METHODS) == set(Operation) - {Operation.LIST, Operation.CREATE}


@pytest.mark.parametrize("operation", METHODS)
def test_a_power_is_a_method_and_a_declaration_or_neither(operation: Operation) -> None:
    method = METHODS[operation]
    with pytest.raises(TypeError, match=rf"Made\.{method}: .* without the method"):
        made(powers(operation))
    with pytest.raises(TypeError, match=rf"Made\.{method}: .* does not declare it"):
        made(powers(), **{method: lambda self: None})
    assert made(powers(operation), **{method: lambda self: None})


def test_a_dry_run_and_a_merge_are_declared_as_well() -> None:
    with pytest.raises(TypeError, match="dry_run"):
        made(powers(dry_run=True))
    with pytest.raises(TypeError, match="dry_run"):
        made(powers(), dry_run=lambda self: None)
    with pytest.raises(TypeError, match="merge_keys"):
        made(powers(), merge_keys=lambda self: None)
    assert made(powers(create_merges=True), merge_keys=lambda self: None)


def test_a_class_between_needs_no_capabilities() -> None:
    class Between(Adapter[Settings]):
        """Something to inherit from."""

    assert not hasattr(Between, "capabilities")
    with pytest.raises(TypeError):
        Between(Settings.of({"token": "t", "base_url": "https://h.example"}))  # type: ignore[abstract]  # which is the point


def test_a_power_without_documents_is_unsupported_by_name() -> None:
    adapter = harbour()
    asked: Sequence[tuple[str, Any]] = (
        ("get", lambda: adapter.get("1")),
        ("update", lambda: adapter.update("1", Draft({}, (), Use.UPDATE))),
        ("delete", lambda: adapter.delete("1")),
        ("create_many", lambda: adapter.create_many([], None)),
        ("dry_run", lambda: adapter.dry_run([])),
        ("changes", lambda: adapter.changes_page(None, None)),
    )
    for power, call in asked:
        with pytest.raises(Unsupported, match=power) as caught:
            call()
        assert (caught.value.vendor, caught.value.capability) == ("harbour", power)
    assert adapter.merge_keys({}) == frozenset()
    adapter.check_write()


def test_a_read_encodes_every_segment_and_leaves_out_what_is_none() -> None:
    request = harbour().read("leads", "a/b?c#d é", params={"q": "x&y", "cursor": None})
    assert request.url == "https://h.example/v1/leads/a%2Fb%3Fc%23d%20%C3%A9"
    assert request.params == (("q", "x&y"),)
    assert (request.method, request.effect, request.body) == ("GET", Effect.READ, None)
    for hostile in ("..", ".", ""):
        with pytest.raises(MappingError):
            harbour().read("leads", hostile)


def test_a_write_is_keyed_only_where_the_vendor_takes_keys() -> None:
    keyed = harbour().write("POST", "leads", body=b"{}", key="k", bucket="bulk")
    assert (keyed.effect, keyed.header("X-Key"), keyed.bucket) == (Effect.KEYED, "k", "bulk")
    assert keyed.header("content-type") == "application/json"
    once = harbour().write("PATCH", "leads", body=b"{}")
    assert (once.effect, once.header("x-key"), once.method) == (Effect.ONCE, None, "PATCH")

    class Keyless(Harbour):
        """The same without keys."""

        capabilities: ClassVar = powers()

    assert harbour(Keyless).write("POST", "leads", body=b"{}", key="k").effect is Effect.ONCE


def test_a_credential_goes_into_the_header_of_a_new_request() -> None:
    request = harbour().read("leads")
    authorized = harbour().authorize(request, "secret-token")
    assert authorized.header("authorization") == "Bearer secret-token"
    assert request.header("authorization") is None
    assert "secret" not in repr(authorized)


def test_a_check_lists_one_lead() -> None:
    found, _ = talk(harbour().check(), (200, {"rows": []}))
    assert found == FrozenDict(reachable=True, total=7)


def test_the_connection_names_the_leads_it_reads() -> None:
    adapter = Harbour(harbour().settings, connection="harbour-prod")
    ref = adapter.lead({"id": 18446744073709551617}).ref
    assert ref is not None
    assert (ref.vendor, ref.connection, ref.id) == (
        "harbour",
        "harbour-prod",
        "18446744073709551617",
    )
    assert harbour().connection == "harbour"
    assert adapter.lead({"id": {"a": 1}}).ref is None


def test_a_connections_rules_replace_the_vendors() -> None:
    rules = Harbour.rules.overridden([Field("notes", "remark", Text(), on=CREATE)])
    adapter = Harbour(harbour().settings, rules=rules)
    assert adapter.lead({"remark": "x"}).notes == "x"
    assert not adapter.lead({"notes": "x"}).knows("notes")


@pytest.mark.parametrize(
    ("path", "value", "terms", "word"),
    [
        ("source", "ads", {}, "ads"),
        ("source", "paid_search", {}, "ads"),
        ("source", "flyer", {"source_map": {"flyer": "event"}}, "flyer"),
        ("source", "event", {"source_map": {"flyer": "event"}}, "flyer"),
        ("status", "won", {}, "won"),
        ("status", "lost", {}, "lost"),
        ("status", "Proposta", {}, "Proposta"),
        ("status", None, {}, None),
    ],
)
def test_a_filter_takes_a_native_word_or_a_canonical_value_of_one_word(
    path: str, value: str | None, terms: dict[str, Any], word: str | None
) -> None:
    assert harbour(**terms).sought(path, value) == Sought(path, word)


@pytest.mark.parametrize(
    ("path", "value", "terms"),
    [
        ("source", "paid_search", {"source_map": {"cpc": "paid_search"}}),
        ("source", "other", {}),
        ("source", "event", {"relocate": {"source": "notes"}}),
        ("status", "converted", {}),
        ("status", "unknown", {}),
    ],
)
def test_a_value_of_several_words_or_of_any_is_picked_from_all_leads(
    path: str, value: str, terms: dict[str, Any]
) -> None:
    sought = harbour(**terms).sought(path, value)
    assert (sought.word, sought.meaning) == (None, value)


def test_a_value_is_picked_from_all_leads_where_a_plugin_may_give_any_word_that_meaning() -> None:
    adapter = harbour()
    words = ConsultedWords({}, lambda native: None)
    adapter.settings = adapter.settings.model_copy(update={"source_map": words})
    sought = adapter.sought("source", "paid_search")
    assert (sought.word, sought.meaning) == (None, "paid_search")
    assert adapter.sought("source", "ads") == Sought("source", "ads")


def test_a_filter_takes_any_word_where_the_vendors_list_of_words_is_open() -> None:
    assert harbour().sought("source", "billboard", any_word=True) == Sought("source", "billboard")


@pytest.mark.parametrize("value", ["referral", "canary"])
def test_a_filter_that_has_no_word_is_refused_with_the_words_there_are(value: str) -> None:
    with pytest.raises(ConfigError, match=r"source: harbour has no word for that.*ads") as caught:
        harbour().sought("source", value)
    assert "canary" not in str(caught.value)


def test_a_page_holds_the_leads_that_are_read_as_what_is_sought() -> None:
    adapter = harbour(source_map={"cpc": "paid_search"})
    rows = [{"id": n, "source": word} for n, word in enumerate(["ads", "cpc", "news", None])]
    page = Page([adapter.lead(row) for row in rows], "on", 9)
    picked = page.picked(adapter.sought("source", "paid_search"), adapter.sought("status", None))
    assert [lead.raw["id"] for lead in picked.leads] == [0, 1]
    assert (picked.next_cursor, picked.total, picked.rows) == ("on", None, 4)
    assert page.picked(adapter.sought("source", "ads")) is page


def test_a_page_is_empty_if_the_vendor_sent_no_row() -> None:
    assert [Page((), None).was_empty, Page((), None, rows=0).was_empty] == [True, True]
    assert [Page((), "on", rows=3).was_empty, Page((Lead(),), "on").was_empty] == [False, False]


def answer(status: int, body: bytes, request: Request | None = None) -> Response:
    return Response(status, (), body, request or harbour().read("leads"))


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (400, Rejected, Rejected),
        (401, AuthError, AuthError),
        (402, AuthError, AuthError),
        (403, AuthError, AuthError),
        (404, NotFound, NotFound),
        (408, Unavailable, OutcomeUnknown),
        (409, Rejected, Rejected),
        (410, NotFound, NotFound),
        (413, Rejected, Rejected),
        (418, Rejected, Rejected),
        (422, Rejected, Rejected),
        (425, Unavailable, OutcomeUnknown),
        (429, RateLimited, RateLimited),
        (500, Unavailable, OutcomeUnknown),
        (502, Unavailable, OutcomeUnknown),
        (503, Unavailable, OutcomeUnknown),
        (504, Unavailable, OutcomeUnknown),
        (599, Unavailable, OutcomeUnknown),
        (202, BadResponse, OutcomeUnknown),
        (207, BadResponse, OutcomeUnknown),
        (299, BadResponse, OutcomeUnknown),
        (302, BadResponse, OutcomeUnknown),
    ],
)
def test_a_status_has_its_error_whatever_the_body(
    status: int, reading: type[VendorError], writing: type[VendorError]
) -> None:
    adapter = harbour()
    write = adapter.write("POST", "leads", body=b"not json")
    for body in (b"", b"<html>", b"[]", b"{}", b'{"message": "no"}'):
        assert type(adapter.explain(answer(status, body))) is reading
        assert type(adapter.explain(answer(status, body, write))) is writing


def test_a_vendor_without_an_envelope_says_nothing() -> None:
    class Silent(Harbour):
        """The same with no error envelope of its own."""

        complaint = Adapter.complaint

    error = harbour(Silent).explain(answer(400, dumps({"message": "canary"})))
    assert str(error) == "harbour answered 400: no reason given"


def test_what_the_vendor_says_is_repeated_without_what_was_sent() -> None:
    adapter = harbour()
    body = dumps({"notes": "Ana Canary", "source": "ads"})
    request = adapter.write("POST", "leads", body=body)
    said = dumps(
        {
            "code": "bad",
            "message": "'ana canary' has source ads, ana@example.com \x1b[0m",
            "request_id": "req_123456789",
            "fields": {"notes": "Ana Canary is no note"},
        }
    )
    error = adapter.explain(answer(422, said, request))
    assert isinstance(error, Rejected)
    assert str(error) == (
        "harbour answered 422 [request req_123456789]: "
        "bad: '[value]' has source ads, [email] \\x1b[0m"
    )
    assert error.fields == {"notes": "[value] is no note"}


def test_what_was_searched_for_is_not_repeated() -> None:
    adapter = harbour()
    request = adapter.read("leads", params={"search": "Ana Canary", "limit": "200"})
    error = adapter.explain(answer(400, dumps({"message": "Ana Canary: limit 200"}), request))
    assert str(error).endswith("[value]: limit 200")


def test_a_request_id_must_look_like_one() -> None:
    for odd in ("a b", "x" * 101, "a\nb", ""):
        body = dumps({"message": "m", "request_id": odd})
        assert harbour().explain(answer(400, body)).request_id is None


def test_values_show_no_personal_data() -> None:
    change = Change("1", "2", "updated", None, datetime(2026, 1, 1, tzinfo=UTC),
                    {"name": ("Canary", "x")}, {"name": "Canary"})  # fmt: skip
    draft = harbour().table.write(Lead(notes="Canary"), Use.CREATE, harbour().settings)
    assert "Canary" not in repr((change, draft, LeadQuery(search="Canary"), Receipt(
        Outcome.CREATED, shown=Lead(notes="Canary"))))  # fmt: skip
    assert draft.body == b'{"notes":"Canary"}'


def test_a_query_tells_its_filters() -> None:
    assert LeadQuery().filters == frozenset()
    asked = LeadQuery(status="won", search="x", sort_by="created_at", descending=True, page_size=1)
    assert asked.filters == {"status", "search"}
