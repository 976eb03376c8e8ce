"""MEGA's adapter: batches, told apart by `row_ref` and nothing else, and dry runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.mega_account import LEADS, answer, ask, draft, mega, refused

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import BadResponse, ConfigError, OutcomeUnknown, Rejected
from leadgateway.exchange import Effect, loads
from leadgateway.lead import Lead
from leadgateway.mapping import Use

ADAPTER = mega()
PEOPLE = [draft(ADAPTER, Lead(name=f"Person {n}"), Use.BULK) for n in range(3)]
KINDS = ("created", "updated", "skipped", "failed")


def row(ref: str | None, status: str = "created", **more: Any) -> dict[str, Any]:
    lead_id = None if status == "failed" else f"id-{ref}"
    errors = ["no such owner"] if status == "failed" else None
    known = {"row_ref": ref, "status": status, "lead_id": lead_id, "matched_by": None}
    return {**known, "errors": errors, **more}


def told(*rows: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the documented answer for these rows; `more` replaces keys of it."""
    counts = {kind: sum(r["status"] == kind for r in rows) for kind in KINDS}
    answer = {
        "dry_run": False,
        "summary": {"total": len(rows), **counts},
        "results": list(rows),
        "unknown_custom_fields": [],
    }
    return {**answer, **more}


def receipts(body: Any, drafts: Any = PEOPLE) -> list[Receipt]:
    return list(answer(ADAPTER.create_many(drafts, "k"), 200, body))


def test_a_batch_goes_to_its_own_bucket_with_every_row_named() -> None:
    request = ask(ADAPTER.create_many(PEOPLE, "batch-1"))
    assert (request.method, request.url, request.bucket) == ("POST", f"{LEADS}/bulk", "bulk")
    assert (request.effect, request.header("idempotency-key")) == (Effect.KEYED, "batch-1")
    assert loads(request.body or b"") == {
        "leads": tuple({"contact_name": f"Person {n}", "row_ref": str(n)} for n in range(3)),
        "on_duplicate": "update",
    }


def test_the_same_drafts_make_the_same_bytes() -> None:
    lead = Lead(
        name="A", email="a@b.example", custom={"z": 1, "a": 2}, source="direct", line="buyer"
    )
    bodies = {
        ask(mega().create_many([draft(mega(), lead, Use.BULK)], key)).body
        for key in ("k", "k", "x")
    }
    assert len(bodies) == 1


def test_skipping_duplicates_is_the_connections_choice() -> None:
    body = ask(mega(on_duplicate="skip").create_many(PEOPLE, None)).body
    assert loads(body or b"")["on_duplicate"] == "skip"


def test_five_hundred_rows_go_and_one_more_never_does() -> None:
    assert ADAPTER.capabilities.batch_size == 500
    body = ask(ADAPTER.create_many(PEOPLE[:1] * 500, None)).body
    assert len(loads(body or b"")["leads"]) == 500
    with pytest.raises(ConfigError, match="500"):
        next(ADAPTER.create_many(PEOPLE[:1] * 501, None))


def test_nothing_to_write_asks_nothing() -> None:
    with pytest.raises(StopIteration) as done:
        next(ADAPTER.create_many([], "k"))
    assert done.value.value == ()


def test_each_row_is_settled_as_the_answer_says_whatever_its_order() -> None:
    found = receipts(told(row("2", "failed"), row("0"), row("1", "updated", matched_by="phone")))
    assert [r.outcome for r in found] == [Outcome.CREATED, Outcome.MERGED, Outcome.FAILED]
    assert [r.external_id for r in found] == ["id-0", "id-1", None]
    assert found[1].matched_by == "phone"
    assert isinstance(found[2].error, Rejected)
    assert "no such owner" in str(found[2].error)
    assert (found[0].error, found[1].error) == (None, None)


def test_a_skipped_row_is_no_error() -> None:
    (found,) = receipts(told(row("0", "skipped", matched_by="email")), PEOPLE[:1])
    assert (found.outcome, found.external_id, found.matched_by, found.error) == (
        Outcome.SKIPPED, "id-0", "email", None,
    )  # fmt: skip


def test_a_row_that_failed_without_a_reason_says_so() -> None:
    (found,) = receipts(told(row("0", "failed", errors=None)), PEOPLE[:1])
    assert "no reason given" in str(found.error)


def test_a_rows_reason_does_not_repeat_what_we_sent() -> None:
    (found,) = receipts(told(row("0", "failed", errors=["Person 0 is taken"])), PEOPLE[:1])
    assert "Person" not in str(found.error)


@pytest.mark.parametrize(
    "summary", [{"total": 2, "created": 2}, {"total": 3, "created": 3}, {"total": 3, "updated": 1}]
)
def test_a_row_that_the_answer_does_not_name_is_unknown_and_the_others_are_settled(
    summary: dict[str, int],
) -> None:
    counts = {"total": 3, "created": 2, "updated": 0, "skipped": 0, "failed": 0, **summary}
    found = receipts(told(row("0"), row("2"), summary=counts))
    assert [r.outcome for r in found] == [Outcome.CREATED, Outcome.UNKNOWN, Outcome.CREATED]
    assert isinstance(found[1].error, OutcomeUnknown)


def test_a_row_without_its_name_is_never_matched_by_its_place() -> None:
    found = receipts(told(row(None), row("1"), row("2")))
    assert [r.outcome for r in found] == [Outcome.UNKNOWN, Outcome.CREATED, Outcome.CREATED]


@pytest.mark.parametrize("lead_id", [None, ""])
@pytest.mark.parametrize("status", ["created", "updated"])
def test_a_written_row_whose_lead_is_not_named_is_unknown(status: str, lead_id: Any) -> None:
    (found,) = receipts(told(row("0", status, lead_id=lead_id)), PEOPLE[:1])
    assert (found.outcome, type(found.error)) == (Outcome.UNKNOWN, OutcomeUnknown)


GOOD = (row("0"), row("1"), row("2"))


@pytest.mark.parametrize(
    "body",
    [
        told(row("0"), row("1"), row("1")),
        told(row("0"), row("1"), row("7")),
        told(row("0"), row("1"), row("01")),
        told(*GOOD, row("3")),
        told(*GOOD, summary={"total": 3, "created": 2, "updated": 1, "skipped": 0, "failed": 0}),
        told(*GOOD, summary={"total": 4, "created": 3, "updated": 1, "skipped": 0, "failed": 0}),
        told(*GOOD, summary={"total": 2, "created": 3, "updated": 0, "skipped": 0, "failed": 0}),
        told(*GOOD, summary={"total": 3, "created": 3}),
        told(row("0"), row("1"), row("2", "queued")),
        told(row("0"), row("1"), {**row("2"), "row_ref": 2}),
        told(row("0"), row("1"), row("2", lead_id=5)),
        told(row("0"), row("1"), row("2", ignored_custom_fields="a")),
        told(row("0"), row("1"), row("2", "failed", errors=[1])),
        told(*GOOD, unknown_custom_fields=None),
        told(*GOOD, dry_run=True),
        {key: value for key, value in told(*GOOD).items() if key != "dry_run"},
        told(*GOOD, results=None),
        {},
        b"",
    ],
)
def test_an_answer_that_does_not_add_up_settles_nothing(body: Any) -> None:
    refused(OutcomeUnknown, ADAPTER.create_many(PEOPLE, "k"), 200, body)


@pytest.mark.parametrize("status", [201, 202, 207, 500])
def test_a_batch_answered_otherwise_than_documented_is_unknown(status: int) -> None:
    refused(OutcomeUnknown, ADAPTER.create_many(PEOPLE, "k"), status, told(*GOOD))


def test_every_custom_field_that_mega_ignored_is_a_loss_of_its_row() -> None:
    adapter = mega(custom_map={"shade": "colour"}, relocate={"company.name": "custom:firm"})
    people = [
        draft(adapter, Lead(name="A", custom={"shade": "red", "pets": 2}), Use.BULK),
        draft(adapter, Lead(name="B", company="Acme", custom={"pets": 3}), Use.BULK),
        draft(adapter, Lead(name="C", line="buyer"), Use.BULK),
    ]
    body = told(
        row("0", ignored_custom_fields=["colour"]),
        row("1"),
        row("2", ignored_custom_fields=["lead_line"]),
        unknown_custom_fields=["colour", "firm"],
    )
    found = answer(adapter.create_many(people, "k"), 200, body)
    lost = [[x.path for x in r.losses if x.reason == "unknown_custom_field"] for r in found]
    assert lost == [["custom.shade"], ["company.name"], ["line"]]


def test_a_dry_run_carries_no_key_and_may_be_repeated() -> None:
    request = ask(ADAPTER.dry_run(PEOPLE))
    assert (request.header("idempotency-key"), request.effect) == (None, Effect.READ)
    assert request.bucket == "bulk"
    assert loads(request.body or b"")["dry_run"] is True


def test_a_dry_run_needs_no_id_of_a_lead_that_would_be_created() -> None:
    body = told(row("0", lead_id=None), dry_run=True)
    (found,) = answer(ADAPTER.dry_run(PEOPLE[:1]), 200, body)
    assert (found.outcome, found.external_id) == (Outcome.CREATED, None)


def test_a_dry_run_that_was_none_is_outside_the_documents() -> None:
    refused(BadResponse, ADAPTER.dry_run(PEOPLE), 200, told(*GOOD))


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_comes_back_every_draft_has_its_own_receipt_or_none_has(
    data: st.DataObject,
) -> None:
    refs = data.draw(st.lists(st.sampled_from(["0", "1", "2", "3", None]), max_size=5))
    rows = [row(ref, data.draw(st.sampled_from(KINDS))) for ref in refs]
    named = [ref for ref in refs if ref is not None]
    fits = len(set(named)) == len(named) and "3" not in named and len(refs) <= len(PEOPLE)
    if not fits:
        refused(OutcomeUnknown, ADAPTER.create_many(PEOPLE, "k"), 200, told(*rows))
        return
    found = receipts(told(*rows))
    assert len(found) == len(PEOPLE)
    for index, receipt in enumerate(found):
        assert (receipt.outcome is Outcome.UNKNOWN) == (str(index) not in named)
        if receipt.external_id is not None:
            assert receipt.external_id == f"id-{index}"
