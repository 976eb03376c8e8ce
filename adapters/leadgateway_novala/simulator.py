"""Novala simulated: list, create and get a lead, as strict as the vendor's documents.

Where they are silent the simulator is strict: unknown body keys, query parameters and custom
fields, empty names and nulls are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import ClassVar

from leadgateway.simulator import (
    Access,
    Answer,
    Call,
    Person,
    Predicate,
    Refusal,
    Route,
    Row,
    Simulator,
    Tenant,
    Window,
    checks,
    cursors,
    hex_from,
    in_seconds,
    number_from,
    pick,
    problems,
    utc_now,
    uuid_from,
    whole_number,
)

_LEADS = "/api/v1/leads"
_READ, _WRITE = "leads.lead.read", "leads.lead.write"  # seed 004
_DEFAULT_LIMIT = 25  # developers.novala.ai/api-reference/leads
_MOST = 100  # stated for page-numbered lists only; taken for leads too
STATUSES = ("new", "contacted", "qualifying", "qualified", "converted", "disqualified", "lost")
SOURCES = ("web_form", "referral", "agent_chat", "inbound_call", "mcp", "import")  # seed 004
CUSTOM_FIELDS = (  # this tenant's own definitions: the API neither lists nor makes any
    "site_count",
    "preferred_contact",
    "company_name",
    "industry",
    "budget",
    "intent",
    "notes",
    "tags",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "newsletter",
    "bedrooms",
    "external_ref",
    "lead_line",
    "lead_score",
)
_LONGEST_NAME, _LONGEST_PHONE = 255, 50  # seed 004
_CUSTOM_KEY = re.compile(r"[a-z0-9_]+")  # developers.novala.ai/configuration/custom-fields
_TEAM_SIZE = 4


def _custom_fields(value: object) -> str | None:
    if not isinstance(value, dict):
        return "must be an object"
    if not all(_CUSTOM_KEY.fullmatch(key) for key in value):
        return "must have keys of lower-case letters, digits and underscores"
    for each in value.values():
        if isinstance(each, list) and checks.texts(each) is None:
            continue
        if each is None or isinstance(each, (dict, list)):
            return "must hold texts, numbers, true, false or arrays of texts"
    return None


_name = checks.text(_LONGEST_NAME, shortest=1)
_CREATE = {  # seed 004; the channel and attribution fields have no known name
    "firstName": _name,
    "lastName": _name,
    "source": checks.choice(SOURCES),
    "email": checks.email,
    "phone": checks.text(_LONGEST_PHONE),
    "companyName": checks.text(_LONGEST_NAME),
    "intent": checks.text(),
    "notes": checks.text(),
    "assignedTo": checks.uuid,
    "customFields": _custom_fields,
}
_REQUIRED = ("firstName", "lastName", "source")
_text_or_null = checks.nullable(checks.text())
_SHAPE = {
    "id": checks.uuid,
    "firstName": checks.text(),
    "lastName": checks.text(),
    "email": _text_or_null,
    "phone": _text_or_null,
    "companyName": _text_or_null,
    "status": checks.text(),
    "source": checks.text(),
    "intent": _text_or_null,
    "notes": _text_or_null,
    "assignedTo": checks.nullable(checks.uuid),
    "customFields": checks.mapping,
    "createdAt": checks.printed_by(in_seconds),
}
_FILTERS = {"status": checks.choice(STATUSES), "assignedTo": checks.uuid}


class NovalaSimulator(Simulator):
    """`publishable_key` may only read, `bookings_key` has no lead scope, `neighbour_key` is another
    tenant's. In reality the host chooses the tenant too; on loopback the key alone does.
    """

    vendor = "novala"
    base_path = "/api/v1"
    orders: ClassVar = {"createdAt": lambda row: row["createdAt"]}
    # A limit per tenant exists, its numbers are not published.
    quotas: ClassVar = {"default": (Window(120, 60),)}
    shape = _SHAPE
    # Both name parts and a source are demanded; the custom fields are this tenant's own.
    demo_terms: ClassVar = {
        "fallback_source": "import",
        "name_placeholder": "-",
        "relocate": {"score": "custom:lead_score", "line": "custom:lead_line"},
    }

    def __init__(
        self,
        *,
        custom_fields: Iterable[str] = CUSTOM_FIELDS,
        required_custom_fields: Iterable[str] = (),
        leads: int = 0,
        seed: int = 0,
        rate_limits: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.required_custom_fields = tuple(required_custom_fields)
        self.custom_fields = frozenset((*custom_fields, *self.required_custom_fields))
        self.secret_key = f"sk_live_{hex_from(40, seed, 'novala', 'secret')}"
        self.publishable_key = f"pk_live_{hex_from(40, seed, 'novala', 'publishable')}"
        self.bookings_key = f"sk_live_{hex_from(40, seed, 'novala', 'bookings')}"
        self.neighbour_key = f"sk_live_{hex_from(40, seed, 'novala', 'neighbour')}"
        super().__init__(leads=leads, seed=seed, rate_limits=rate_limits, clock=clock)

    @property
    def settings(self) -> Mapping[str, str]:
        """The secret key; base_url stands in for the tenant's host."""
        return {"vendor": self.vendor, "token": self.secret_key}

    def grant(self) -> Iterable[Access]:
        """The key pair, a pair for bookings only, and the neighbour's secret key."""
        both = frozenset((_READ, _WRITE))
        yield Access(self.secret_key, self.tenant, both)
        yield Access(self.publishable_key, self.tenant, frozenset((_READ,)))
        yield Access(self.bookings_key, self.tenant, frozenset(("bookings.read",)))
        yield Access(self.neighbour_key, self.neighbour, both)

    def routes(self) -> Iterable[Route]:
        """List, create, get."""
        yield Route("GET", _LEADS, self._list, _READ)
        yield Route("POST", _LEADS, self._create, _WRITE)
        yield Route("GET", f"{_LEADS}/{{id}}", self._get, _READ)

    def rate_key(self, access: Access) -> str:
        """All keys of a tenant share its limit."""
        return access.tenant.id

    def refuse(self, refusal: Refusal) -> Answer:
        """A bare string under `error`, and no Retry-After: none is documented."""
        return Answer.of(refusal.status, {"error": refusal.message})

    def lead(self, person: Person, tenant: Tenant) -> Row:
        """A lead with a history at Novala."""
        seed, index = tenant.seed, person.index
        return self.blank(tenant, uuid_from(seed, "lead", index), person.created_at) | {
            "firstName": person.given[:_LONGEST_NAME],
            "lastName": person.family[:_LONGEST_NAME],
            "email": person.email,
            "phone": person.phone_as_typed and person.phone_as_typed[:_LONGEST_PHONE],
            "companyName": person.company and person.company[:_LONGEST_NAME],
            "status": pick(STATUSES, seed, "status", index),
            "source": "web_form" if person.utm else pick(SOURCES, seed, "source", index),
            "intent": person.intent,
            "notes": person.notes,
            "assignedTo": pick((None, *team(seed)), seed, "assigned", index),
            "customFields": _seeded_custom_fields(person, seed),
        }

    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        """A lead as a bare create leaves it."""
        texts = dict.fromkeys(("email", "phone", "companyName"))
        return {"id": lead_id, "firstName": "", "lastName": "", **texts} | {
            "status": "new",
            "source": "import",
            "intent": None,
            "notes": None,
            "assignedTo": None,
            "customFields": {},
            "createdAt": in_seconds(at),
        }

    def _list(self, call: Call, access: Access) -> Answer:
        asked = call.query(frozenset(("limit", "cursor", *_FILTERS)))
        filters = {name: asked[name] for name in _FILTERS if name in asked}
        wrong = problems(filters, _FILTERS)
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        after = None
        if "cursor" in asked:
            place = cursors.unpack(asked["cursor"], "id", "createdAt")
            after = (place["createdAt"], place["id"])
        # No order is documented: oldest first.
        page = access.tenant.leads.page(
            "createdAt",
            limit=whole_number(asked, "limit", _DEFAULT_LIMIT, 1, _MOST),
            after=after,
            where=_equal(filters),
        )
        cursor = None
        if page.more and page.last is not None:
            cursor = cursors.pack({"id": page.last[1], "createdAt": page.last[0]})
        return Answer.of(200, {"data": page.rows, "nextCursor": cursor, "hasMore": page.more})

    def _create(self, call: Call, access: Access) -> Answer:
        call.query(frozenset())
        body = call.document()
        wrong = problems(body, _CREATE, _REQUIRED) or self._wrong_custom_fields(body)
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        if "assignedTo" in body and body["assignedTo"] not in team(access.tenant.seed):
            raise Refusal(400, "assignedTo is not a user of this tenant")
        lead = self.blank(access.tenant, access.tenant.new_id(), call.at) | body
        access.tenant.leads.put(lead)
        return Answer.of(201, {"data": lead})

    def _get(self, call: Call, access: Access) -> Answer:
        call.query(frozenset())
        lead = access.tenant.leads.get(call.places["id"])
        if lead is None:
            raise Refusal(404, "lead not found")
        return Answer.of(200, {"data": lead})

    def _wrong_custom_fields(self, body: Row) -> list[str]:
        given = body.get("customFields", {})
        missing = [key for key in self.required_custom_fields if given.get(key, "") == ""]
        unknown = [key for key in given if key not in self.custom_fields]
        return [
            *(f"customFields.{key} is required" for key in missing),
            *(f"customFields.{key} is not defined" for key in unknown),
        ]


@cache
def team(seed: int) -> tuple[str, ...]:
    """The ids of the tenant's users."""
    return tuple(uuid_from(seed, "user", number) for number in range(_TEAM_SIZE))


def _equal(filters: Mapping[str, str]) -> Predicate | None:
    if not filters:
        return None
    return lambda row: all(row[name] == value for name, value in filters.items())


def _seeded_custom_fields(person: Person, seed: int) -> Row:
    told: Row = {
        "site_count": number_from(12, seed, "sites", person.index) or None,
        "preferred_contact": pick(("email", "phone", None), seed, "contact", person.index),
        "budget": None if person.value_cents is None else person.value_cents / 100,
        "newsletter": pick((True, False, None), seed, "newsletter", person.index),
        "tags": list(person.tags) or None,
    }
    told |= {name: value for name, value in person.utm.items() if name in CUSTOM_FIELDS}
    return {key: value for key, value in told.items() if value is not None}
