"""MEGA: list leads, create or merge them one by one or in batches (dev.gomega.ai, API 1.0.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from leadgateway.adapter import Adapter, Complaint, LeadQuery, Page, Receipt
from leadgateway.capabilities import (
    Capabilities,
    IdempotencyKey,
    Lookup,
    Operation,
    Paging,
    RatePlan,
    Window,
)
from leadgateway.errors import Unsupported
from leadgateway.exchange import Effect, Flow, Request
from leadgateway.mapping import Draft
from leadgateway_mega import bulk
from leadgateway_mega.evidence import judge, merge_keys, respelled
from leadgateway_mega.listing import KEYSET_SORTS, MAX_LIMIT, OFFSET_SORTS, Place, filters
from leadgateway_mega.rules import CREATE_PAGE, LINE_SLUG, PULL_PAGE, RULES
from leadgateway_mega.settings import MegaSettings

LEADS = ("api", "agents", "crm", "leads")
PUSH_PAGE = "dev.gomega.ai/push-leads"
RATE_PAGE = "dev.gomega.ai/rate-limits"


class Mega(Adapter[MegaSettings]):
    """The three lead endpoints; MEGA has none to get, change or delete a single lead.

    A create answers 201 whether the lead is new or was merged, so the receipt's outcome is what
    the answer proves, with a `doubt` where it proves nothing. A batch says it outright.
    """

    vendor: ClassVar = "mega"
    settings_type: ClassVar = MegaSettings
    rules: ClassVar = RULES
    capabilities: ClassVar = Capabilities(
        title="MEGA",
        operations=frozenset({Operation.LIST, Operation.CREATE, Operation.CREATE_MANY}),
        paging=Paging(
            default_limit=20,
            max_limit=MAX_LIMIT,
            durable_cursor=True,
            cursor_bound_to=("sort_by", "descending"),
            origin=PULL_PAGE,
        ),
        filters=frozenset({"status", "stage", "search", "created_since", "updated_since", "line"}),
        sorts=(*KEYSET_SORTS, *OFFSET_SORTS),
        create_merges=True,
        merge_rule="the same e-mail, or the same last ten digits of the phone",
        batch_size=bulk.MAX_ROWS,
        batch_rule="starts no automation and fires no webhook",  # dev.gomega.ai/webhooks
        dry_run=True,
        idempotency=IdempotencyKey(conflict_status=409, origin=f"{CREATE_PAGE}, {PUSH_PAGE}"),
        lookup=Lookup(origin=PULL_PAGE),
        rate_plan=RatePlan(
            {"default": (Window(60, 60), Window(1000, 3600)), "bulk": (Window(10, 60),)},
            origin=RATE_PAGE,
        ),
        custom_fields=True,
        silent_on=(
            "whether a single create made a new lead or merged: the answer's dates must tell",
            "which values win in a merge, and whether a merge moves updated_at",
            "which custom fields a single create ignored: seen only if the answer shows the others",
            "defaults for a source, type or stage that is left out, and unknown stage slugs",
            "how long an idempotency key lives, and whether it keeps failures",
            "which of its two causes a 409 has",
            "cursors under last_interaction_at (walked by offset), or with changed filters",
            "how numbers shorter than ten digits match, and duplicates inside one batch",
            "whether the digits of an extension count among the last ten",
            "limits of text and of the body",
        ),
        not_offered=("webhooks: listing, registering, changing and deleting them",),
        documents="dev.gomega.ai",
    )

    def authorize(self, request: Request, token: str) -> Request:
        customer = str(self.settings.customer_id)
        return super().authorize(request, token).with_header("x-customer-id", customer)

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        place = Place.of(query, cursor)
        status = self.sought("status", query.status, any_word=True)  # free text: openapi.json
        params = {
            **filters(query, status.word),
            **place.params,
            "include_custom_fields": "true",
            "limit": str(query.page_size or MAX_LIMIT),
        }
        answer = self.expect((yield self.read(*LEADS, params=params)), 200)
        leads = self.leads(answer.objects("leads"))
        following = place.next_cursor(answer, len(leads))
        return Page(leads, following, answer.take("total", int)).picked(status)

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        if self.settings.on_duplicate == "skip":
            raise Unsupported(
                self.vendor, "on_duplicate=skip", "a single create always merges; write a batch"
            )
        response = yield self.write("POST", *LEADS, body=draft.body, key=key)
        shown = self.expect(response, 201).object("lead")
        lead = self.lead(shown.value)
        alike = respelled(draft.fields, lead)
        verdict = judge(draft.fields, lead, response, timedelta(seconds=self.settings.deadline))
        return Receipt(
            verdict.outcome,
            shown.identifier("id"),
            lead,
            (*draft.losses, *self.unkept(draft, shown.value, unsaid=("custom",), alike=alike)),
            verdict.matched_by,
            doubt=verdict.doubt,
        )

    def create_many(self, drafts: Sequence[Draft], key: str | None) -> Flow[Sequence[Receipt]]:
        return (yield from self._batch(drafts, key, dry_run=False))

    def dry_run(self, drafts: Sequence[Draft]) -> Flow[Sequence[Receipt]]:
        # MEGA does not store the answers of dry runs, so none carries a key (push-leads).
        return (yield from self._batch(drafts, None, dry_run=True))

    def _batch(
        self, drafts: Sequence[Draft], key: str | None, *, dry_run: bool
    ) -> Flow[Sequence[Receipt]]:
        if not drafts:
            return ()
        body = bulk.body(drafts, self.settings.on_duplicate, dry_run=dry_run)
        request = self.write("POST", *LEADS, "bulk", body=body, key=key, bucket="bulk")
        answer = self.expect(
            (yield request._replace(effect=Effect.READ) if dry_run else request), 200
        )
        if answer.take("dry_run", bool) is not dry_run:
            raise answer.response.unreadable("dry_run is not what was asked for")
        return bulk.BatchAnswer(answer, drafts, self._custom_paths(), dry_run=dry_run).receipts()

    def _custom_paths(self) -> Mapping[str, str]:
        """Return, by MEGA's slug, the path whose value is written there."""
        renamed = {theirs: f"custom.{ours}" for ours, theirs in self.settings.custom_map.items()}
        moved = {relocation.slug: relocation.path for relocation in self.table.relocations}
        return {**renamed, **moved, LINE_SLUG: "line"}

    def merge_keys(self, fields: Mapping[str, Any]) -> frozenset[str]:
        return merge_keys(fields)

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        error = body.get("error")
        if not isinstance(error, Mapping):
            return Complaint()
        texts = {key: text for key, text in error.items() if isinstance(text, str)}
        message = texts.get("message", "")
        if error.get("code") == 409:  # one status and one type for two causes: dev.gomega.ai/errors
            message = f"the key was used with another body, or the lead is there already: {message}"
        return Complaint(message=message, code=texts.get("type", ""))
