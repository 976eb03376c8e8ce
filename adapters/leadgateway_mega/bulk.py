"""A batch: its rows on the way out, and what each came to on the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import NoneType
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
        self._unknown_slugs = [
            (s, dumps(s)) for s in _texts(answer, "unknown_custom_fields", tuple)
        ]
        self._lost: dict[frozenset[str], tuple[Loss, ...]] = {}

    def receipts(self) -> tuple[Receipt, ...]:
        """Return one receipt a draft, in their order."""
        rows = self._answer.objects("results")
        statuses = [_status(row) for row in rows]
        self._check_counts(Counter(statuses))
        named: list[tuple[Document, Outcome] | None] = [None] * len(self._drafts)
        places = {str(place): place for place in range(len(self._drafts))}
        for row, status in zip(rows, statuses, strict=True):
            ref = row.take("row_ref", str, NoneType)
            if ref is None:
                continue
            place = places.get(ref)
            if place is None or named[place] is not None:
                what = "is not one of ours" if place is None else "stands twice"
                raise row.response.unreadable(f"{row.path}row_ref {what}")
            named[place] = row, OUTCOMES[status]
        return tuple(
            [
                self._unnamed(draft) if found is None else self._receipt(draft, *found)
                for draft, found in zip(self._drafts, named, strict=True)
            ]
        )

    def _check_counts(self, listed: Mapping[str, int]) -> None:
        """The summary must add up, and must not count fewer rows of a kind than are listed."""
        summary = self._answer.object("summary")
        told = {status: summary.take(status, int) for status in OUTCOMES}
        total = summary.take("total", int)
        if (
            total != sum(told.values())
            or total > len(self._drafts)
            or any(listed.get(status, 0) > count for status, count in told.items())
        ):
            raise self._answer.response.unreadable("the summary does not match the results")

    def _unnamed(self, draft: Draft) -> Receipt:
        error = self._in_doubt("the answer does not name this row")
        return Receipt(Outcome.UNKNOWN, losses=draft.losses, error=error)

    def _receipt(self, draft: Draft, row: Document, outcome: Outcome) -> Receipt:
        found = row.take("lead_id", str, NoneType)
        matched_by = row.take("matched_by", str, NoneType)
        reasons = _texts(row, "errors", tuple, NoneType)
        losses = draft.losses + self._ignored(draft, row)
        if outcome is Outcome.FAILED:
            refusal = Rejected(
                redact("; ".join(reasons) or "no reason given", draft.fields),
                vendor=RULES.vendor, status=self._answer.response.status,
            )  # fmt: skip
            return Receipt(outcome, found, None, losses, matched_by, refusal)
        if not found and outcome is not Outcome.SKIPPED and not self._dry_run:
            error = self._in_doubt("the row is settled, but the answer does not name its lead")
            return Receipt(Outcome.UNKNOWN, None, None, losses, matched_by, error)
        return Receipt(outcome, found, None, losses, matched_by)

    def _ignored(self, draft: Draft, row: Document) -> tuple[Loss, ...]:
        """Return a loss for each custom field that MEGA does not know, in this row or at all."""
        told: tuple[str, ...] = ()
        if "ignored_custom_fields" in row.value:
            told = _texts(row, "ignored_custom_fields", tuple)
        others = [
            slug
            for slug, text in self._unknown_slugs
            if slug not in told
            and text in draft.body
            and slug in draft.fields.get("custom_fields", ())
        ]
        slugs = frozenset((*told, *others))
        if slugs not in self._lost:
            self._lost[slugs] = tuple(map(self._loss, sorted(slugs)))
        return self._lost[slugs]

    def _loss(self, slug: str) -> Loss:
        path = self._paths.get(slug, f"custom.{slug}")
        return Loss.of(path, Fidelity.DROPPED, "unknown_custom_field", slug)

    def _in_doubt(self, what: str) -> OutcomeUnknown:
        return OutcomeUnknown(what, vendor=RULES.vendor, status=self._answer.response.status)


def _status(row: Document) -> str:
    status: str = row.take("status", str)
    if status not in OUTCOMES:
        raise row.response.unreadable(f"{row.path}status is none of {', '.join(OUTCOMES)}")
    return status


def _texts(holder: Document, key: str, *kinds: type) -> tuple[str, ...]:
    items: tuple[str, ...] = holder.take(key, *kinds) or ()
    for item in items:
        if not isinstance(item, str):
            raise holder.response.unreadable(f"{holder.path}{key} holds something that is no text")
    return items
