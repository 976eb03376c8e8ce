"""A batch: its rows on the way out, and what each came to on the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import ConfigError, OutcomeUnknown, Rejected
from leadgateway.exchange import Document
from leadgateway.json_text import dumps, with_member
from leadgateway.mapping import Draft
from leadgateway.redaction import redact
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss
from leadgateway_mega.rules import RULES

MAX_ROWS: Final = 500  # dev.gomega.ai/openapi.json

OUTCOMES: Final[Mapping[str, Outcome]] = {
    "created": Outcome.CREATED,
    "updated": Outcome.MERGED,
    "skipped": Outcome.SKIPPED,
    "failed": Outcome.FAILED,
}


def body(drafts: Sequence[Draft], on_duplicate: str, *, dry_run: bool) -> bytes:
    """Return the request's bytes: the same for the same drafts; a row's `row_ref` is its index."""
    if len(drafts) > MAX_ROWS:
        raise ConfigError(f"batch: MEGA takes {MAX_ROWS} rows at most, not {len(drafts)}.")
    rows = [with_member(draft.body, "row_ref", str(index)) for index, draft in enumerate(drafts)]
    asked: dict[str, Any] = {"on_duplicate": on_duplicate, **({"dry_run": True} if dry_run else {})}
    return b'{"leads":[%b],%b' % (b",".join(rows), dumps(asked)[1:])


class BatchAnswer:
    """The documented answer to a batch of `drafts`: told apart by `row_ref` and nothing else.

    A row that the answer does not name, or names without saying what became of its lead, is
    unknown. A row that is not ours, one that stands twice, or counts that do not add up, make the
    whole answer unreadable. `paths` says where the value of a custom field came from.
    """

    def __init__(
        self, answer: Document, drafts: Sequence[Draft], paths: Mapping[str, str], *, dry_run: bool
    ) -> None:
        self._answer = answer
        self._drafts = drafts
        self._paths = paths
        self._dry_run = dry_run
        self._unknown_slugs = [(s, dumps(s)) for s in _texts(answer, "unknown_custom_fields")]

    def receipts(self) -> tuple[Receipt, ...]:
        """Return one receipt a draft, in their order."""
        rows = self._answer.objects("results")
        self._check_counts(rows)
        named: dict[str, Document] = {}
        ours = {str(index) for index in range(len(self._drafts))}
        for row in rows:
            ref = row.take("row_ref", str, type(None))
            if ref is None:
                continue
            if ref not in ours or ref in named:
                what = "stands twice" if ref in named else "is not one of ours"
                raise row.response.unreadable(f"{row.path}row_ref {what}")
            named[ref] = row
        return tuple(
            self._receipt(draft, named.get(str(index))) for index, draft in enumerate(self._drafts)
        )

    def _check_counts(self, rows: Sequence[Document]) -> None:
        """The summary must add up, and must not count fewer rows of a kind than are listed."""
        summary = self._answer.object("summary")
        told = {status: summary.take(status, int) for status in OUTCOMES}
        listed = Counter(_status(row) for row in rows)
        total = summary.take("total", int)
        if (
            total != sum(told.values())
            or total > len(self._drafts)
            or any(listed[status] > count for status, count in told.items())
        ):
            raise self._answer.response.unreadable("the summary does not match the results")

    def _receipt(self, draft: Draft, row: Document | None) -> Receipt:
        if row is None:
            error = self._in_doubt("the answer does not name this row")
            return Receipt(Outcome.UNKNOWN, losses=draft.losses, error=error)
        outcome = OUTCOMES[_status(row)]
        found = row.take("lead_id", str, type(None))
        matched_by = row.take("matched_by", str, type(None))
        reasons = "; ".join(_texts(row, "errors", none=True))
        losses = (*draft.losses, *self._ignored(draft, row))
        if outcome is Outcome.FAILED:
            refusal = Rejected(
                redact(reasons or "no reason given", draft.fields),
                vendor=RULES.vendor, status=self._answer.response.status,
            )  # fmt: skip
            return Receipt(outcome, found, None, losses, matched_by, refusal)
        if not found and outcome is not Outcome.SKIPPED and not self._dry_run:
            error = self._in_doubt("the row is settled, but the answer does not name its lead")
            return Receipt(Outcome.UNKNOWN, None, None, losses, matched_by, error)
        return Receipt(outcome, found, None, losses, matched_by)

    def _ignored(self, draft: Draft, row: Document) -> tuple[Loss, ...]:
        """Return a loss for each custom field that MEGA does not know, in this row or at all."""
        slugs = {slug for slug, text in self._unknown_slugs if text in draft.body}
        slugs &= set(draft.fields.get("custom_fields", ())) if slugs else set()
        if "ignored_custom_fields" in row.value:
            slugs |= set(_texts(row, "ignored_custom_fields"))
        return tuple(
            Loss.of(
                self._paths.get(slug, f"custom.{slug}"),
                Fidelity.DROPPED,
                "unknown_custom_field",
                slug,
            )
            for slug in sorted(slugs)
        )

    def _in_doubt(self, what: str) -> OutcomeUnknown:
        return OutcomeUnknown(what, vendor=RULES.vendor, status=self._answer.response.status)


def _status(row: Document) -> str:
    status: str = row.take("status", str)
    if status not in OUTCOMES:
        raise row.response.unreadable(f"{row.path}status is none of {', '.join(OUTCOMES)}")
    return status


def _texts(holder: Document, key: str, *, none: bool = False) -> tuple[str, ...]:
    kinds = (tuple, type(None)) if none else (tuple,)
    items = holder.take(key, *kinds) or ()
    if not all(isinstance(item, str) for item in items):
        raise holder.response.unreadable(f"{holder.path}{key} holds something that is no text")
    return items
