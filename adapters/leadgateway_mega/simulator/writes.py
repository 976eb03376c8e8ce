"""MEGA's two lead writes: create-or-merge, and the bulk import of up to 500 rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from leadgateway.simulator import Refusal, Row, Tenant, checks, in_millis, problems
from leadgateway_mega.simulator.leads import (
    LINES,
    PLATFORMS,
    TYPES,
    blank_lead,
    email_key,
    phone_key,
    stages,
    team,
)

_MOST_ROWS = 500
_CONTACT = ("contact_name", "contact_phone", "contact_email")

_LEAD = {  # seed 001: none of them nullable, and the document names no others
    "contact_name": checks.text(),
    "contact_phone": checks.text(),
    "contact_email": checks.email,
    "source_platform": checks.choice(PLATFORMS),
    "source_type": checks.choice(TYPES),
    "stage_slug": checks.text(),
    "custom_fields": checks.scalars,
}
_ROW = _LEAD | {  # openapi.json
    "row_ref": checks.text(),
    "owner_id": checks.uuid,
    "lead_line": checks.choice(LINES),
}
_BULK = {
    "leads": lambda value: None if isinstance(value, list) else "must be an array",
    "on_duplicate": checks.choice(("update", "skip")),
    "dry_run": checks.flag,
}


@dataclass(slots=True)
class Written:
    """What became of one row; `lead` is the stored lead, None for a failed or a dry new one."""

    status: str
    lead: Row | None = None
    matched_by: str | None = None
    errors: list[str] | None = None
    ignored: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Writer:
    """Writes rows into one tenant at one instant; a dry one only tells what it would do."""

    tenant: Tenant
    slugs: Collection[str]
    at: datetime
    dry: bool = False
    dry_keys: set[tuple[str, str]] = field(default_factory=set)

    def create(self, body: Row) -> Row:
        """The created or merged lead of a single create; 400 names what is wrong."""
        wrong = self._wrong(body, _LEAD)
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        lead = self._write(body, skip=False).lead
        assert lead is not None  # noqa: S101 - only a failed or dry row has none
        return lead

    def import_row(self, row: object, *, skip: bool) -> Written:
        """One row of a bulk import: a bad row fails by itself."""
        if not isinstance(row, dict):
            return Written("failed", errors=["a row must be an object"])
        wrong = self._wrong(row, _ROW)
        owner = row.get("owner_id")
        if isinstance(owner, str) and owner not in team(self.tenant.seed):
            wrong.append("owner_id is not a member of the team")
        return Written("failed", errors=wrong) if wrong else self._write(row, skip=skip)

    def _wrong(self, row: Row, fields: dict[str, checks.Check]) -> list[str]:
        wrong = problems(row, fields)
        if not any(row.get(name) for name in _CONTACT):
            wrong.append("one of contact_name, contact_phone, contact_email is required")
        slug = row.get("stage_slug")  # an unknown one: the vendor says nothing, so refuse
        if isinstance(slug, str) and slug not in stages(self.tenant.seed):
            wrong.append(f"unknown stage_slug: {slug}")
        return wrong

    def _write(self, row: Row, *, skip: bool) -> Written:
        given = row.get("custom_fields", {})
        # Reserved lead_line is a field of bulk rows: inside custom_fields it counts as unknown.
        ignored = [slug for slug in given if slug not in self.slugs]
        custom = {slug: value for slug, value in given.items() if slug in self.slugs}
        if "lead_line" in row:
            custom["lead_line"] = row["lead_line"]
        matched_by, known = self._match(row)
        if matched_by is None:
            return Written("created", self._insert(row, custom), ignored=ignored)
        if skip:
            return Written("skipped", known, matched_by, ignored=ignored)
        merged = known and self._merge(known, row, custom)
        return Written("updated", merged, matched_by, ignored=ignored)

    def _match(self, row: Row) -> tuple[str | None, Row | None]:
        """An e-mail match goes before a phone match: which one wins, the vendor does not say."""
        for name, key in (("email", email_key(row)), ("phone", phone_key(row))):
            if key is None:
                continue
            known = self.tenant.leads.find(name, key)
            if known is not None or (name, key) in self.dry_keys:
                return name, known
        return None, None

    def _insert(self, row: Row, custom: Row) -> Row | None:
        if self.dry:
            keys = (("email", email_key(row)), ("phone", phone_key(row)))
            self.dry_keys |= {(name, key) for name, key in keys if key is not None}
            return None
        lead = blank_lead(self.tenant, self.tenant.new_id(), self.at)
        lead |= {name: row[name] for name in _CONTACT if row.get(name)}
        lead |= {name: row[name] for name in ("source_platform", "source_type") if name in row}
        if "stage_slug" in row:
            lead["current_stage"] = stages(self.tenant.seed)[row["stage_slug"]]
        if "owner_id" in row:
            lead["owner"] = team(self.tenant.seed)[row["owner_id"]]
        lead["custom_fields"] = custom
        self.tenant.leads.put(lead)
        return lead

    def _merge(self, known: Row, row: Row, custom: Row) -> Row:
        """Contact and custom values that are not empty win; source, stage and owner stay.

        The vendor does not say which win; created_at stays and updated_at moves.
        """
        if self.dry:
            return known
        kept = {slug: value for slug, value in custom.items() if value not in (None, "")}
        merged = {
            **known,
            **{name: row[name] for name in _CONTACT if row.get(name)},
            "custom_fields": known["custom_fields"] | kept,
            "updated_at": in_millis(self.at),
        }
        self.tenant.leads.put(merged)
        return merged


def import_rows(body: Row, tenant: Tenant, slugs: Collection[str], at: datetime) -> Row:
    """The answer to a bulk import: 200 in the vendor's shape even when every row failed."""
    wrong = problems(body, _BULK, required=("leads",))
    if wrong:
        raise Refusal(400, "; ".join(wrong))
    rows = body["leads"]
    if not 1 <= len(rows) <= _MOST_ROWS:
        raise Refusal(400, f"leads must hold 1 to {_MOST_ROWS} rows")
    writer = Writer(tenant, slugs, at, dry=body.get("dry_run", False))
    skip = body.get("on_duplicate", "update") == "skip"
    written = [writer.import_row(row, skip=skip) for row in rows]
    statuses = [each.status for each in written]
    summary = {name: statuses.count(name) for name in ("created", "updated", "skipped", "failed")}
    unknown = dict.fromkeys(slug for each in written for slug in each.ignored)
    return {
        "dry_run": writer.dry,
        "summary": {"total": len(rows)} | summary,
        "results": [_result(row, each) for row, each in zip(rows, written, strict=True)],
        "unknown_custom_fields": list(unknown),
    }


def _result(row: object, written: Written) -> Row:
    ref = row.get("row_ref") if isinstance(row, dict) else None
    result: Row = {
        "row_ref": ref if isinstance(ref, str) else None,
        "status": written.status,
        "lead_id": None if written.lead is None else written.lead["id"],
        "matched_by": written.matched_by,
        "errors": written.errors,
    }
    if written.ignored:
        result["ignored_custom_fields"] = written.ignored
    return result
