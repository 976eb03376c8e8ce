"""Apollo Space over its own store: what docs.apollospace.ai states, and silence made strict.

Chosen here because the documents are silent: every error code but `lead_not_found`, unknown keys
and parameters refused with 400, an unknown pipeline 400, any well-formed owner accepted, newest
leads first, cursors bound to their filters and dead after an hour (400), an idempotency key with
another body 409, the rate numbers.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import orjson

from leadgateway.simulator import (
    Access,
    Answer,
    Burst,
    Call,
    KeyReused,
    Person,
    Reading,
    Refusal,
    Route,
    Row,
    Simulator,
    Tenant,
    hex_from,
    problems,
    uuid_from,
)
from leadgateway_apollo_space.simulator import leads as lead_rows
from leadgateway_apollo_space.simulator.listing import QUERY, page

MEMBER = frozenset({"read", "write"})
VIEWER = frozenset({"read"})  # read-only role: docs.apollospace.ai/en/concepts/organizations

_PATH = "/v1/leads"
_FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)  # a real id_token lives for hours: see `sign_in`
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_CODES = {
    400: "invalid_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    429: "rate_limited",
}


class ApolloSpaceSimulator(Simulator):
    """The two documented operations: list and create leads of one organization."""

    vendor = "apollo_space"
    base_path = "/v1"
    orders: ClassVar = {"created_at": lambda row: row["created_at"]}
    quotas: ClassVar = {
        # per organization and kind of operation (seed 002); a subclass may state other numbers
        "list": (Burst(limit=120, per_second=2.0),),
        "create": (Burst(limit=120, per_second=2.0),),
    }
    shape = lead_rows.STORED
    demo_terms: ClassVar = {"relocate": {"score": "tag"}}

    _refused_so_far = 0
    _signed_in = 0

    @property
    def settings(self) -> Mapping[str, str]:
        """A member of the organization, working in its first pipeline."""
        return {
            "vendor": self.vendor,
            "token": self._id_token(self.tenant, "member", _FAR_AWAY),
            "organization_id": self.tenant.id,
            "pipeline_id": lead_rows.pipelines(self.tenant)[0],
            "currency": "BRL",
        }

    @property
    def viewer_token(self) -> str:
        """The id_token of a user who may read and not write."""
        return self._id_token(self.tenant, "viewer", _FAR_AWAY)

    @property
    def expired_token(self) -> str:
        """An id_token of the member that ran out long ago."""
        return self._id_token(self.tenant, "member", _LONG_AGO)

    @property
    def foreign_token(self) -> str:
        """The id_token of a member of the other organization."""
        return self._id_token(self.neighbour, "member", _FAR_AWAY)

    def sign_in(self, lives: timedelta) -> str:
        """A fresh id_token of the member, which ends this long from now."""
        self._signed_in += 1
        token = self._id_token(
            self.tenant, f"member, login {self._signed_in}", self.clock() + lives
        )
        self.keys[token] = Access(token, self.tenant, MEMBER)
        return token

    def grant(self) -> Iterable[Access]:
        """Member, viewer, somebody of the other organization, and a member gone stale."""
        yield Access(self.settings["token"], self.tenant, MEMBER)
        yield Access(self.viewer_token, self.tenant, VIEWER)
        yield Access(self.foreign_token, self.neighbour, MEMBER)
        yield Access(self.expired_token, self.tenant, MEMBER)

    def routes(self) -> Iterable[Route]:
        """Everything else is planned and answers 404 or 405."""
        yield Route("GET", _PATH, self.list, scope="read", bucket="list")
        yield Route("POST", _PATH, self.create, scope="write", bucket="create")

    def authenticate(self, call: Call, route: Route) -> Access:
        """401 without a living id_token, 403 without the organization of its user (seed 002)."""
        access = super().authenticate(call, route)
        if _expiry(access.token) <= call.at.timestamp():
            raise Refusal(401, "the id_token has expired")
        if call.headers.get("x-organization-id", "").lower() != access.tenant.id:
            raise Refusal(403, "X-Organization-Id must name an organization of the user")
        return access

    def rate_key(self, access: Access) -> str:
        """All users of an organization share its allowance."""
        return access.tenant.id

    def rate_headers(self, reading: Reading) -> tuple[tuple[str, str], ...]:
        """Retry-After with a refusal and nothing else (seed 002)."""
        return () if reading.allowed else (("Retry-After", str(reading.retry_after)),)

    def refuse(self, refusal: Refusal) -> Answer:
        """`code`, `message` and a `request_id` of its own for each error."""
        self._refused_so_far += 1
        error = {
            "code": _CODES[refusal.status],
            "message": refusal.message,
            "request_id": f"req_{hex_from(12, self.seed, 'request', self._refused_so_far)}",
        }
        return Answer.of(refusal.status, {"error": error})

    def list(self, call: Call, access: Access) -> Answer:
        """One page, newest first."""
        items, cursor = page(access.tenant, call.query(QUERY), call.at)
        return Answer.of(200, {"items": items, "next_cursor": cursor})

    def create(self, call: Call, access: Access) -> Answer:
        """201 with the whole lead in the pipeline's first stage; a known key gets its first 201."""
        call.query(frozenset())
        key = call.headers.get("idempotency-key")
        if key is None:
            return self._created(call, access)
        replays = access.tenant.replays
        try:
            answer = replays.recall("create", key, call.body)
        except KeyReused:
            raise Refusal(409, "the Idempotency-Key was used with another body") from None
        if answer is None:
            answer = self._created(call, access)
            replays.keep("create", key, call.body, answer)
        return answer

    def _created(self, call: Call, access: Access) -> Answer:
        body = call.document()
        wrong = problems(body, lead_rows.CREATE, required=("contact_name", "pipeline_id"))
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        pipeline_id = body["pipeline_id"].lower()
        if pipeline_id not in lead_rows.pipelines(access.tenant):
            raise Refusal(400, "pipeline_id is no pipeline of this organization")
        blank = self.blank(access.tenant, access.tenant.new_id(), call.at)
        row = {**blank, **body, "pipeline_id": pipeline_id}
        access.tenant.leads.put(row)
        return Answer.of(201, row)

    def lead(self, person: Person, tenant: Tenant) -> Row:
        """An invented lead somewhere in one of the pipelines."""
        return lead_rows.invented(person, tenant)

    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        """A nameless lead that has just entered the first pipeline."""
        return lead_rows.blank(tenant, lead_id, at)

    def _id_token(self, tenant: Tenant, user: str, expires_at: datetime) -> str:
        claims = {
            "sub": uuid_from(tenant.id, user),
            "token_use": "id",
            "exp": int(expires_at.timestamp()),
        }
        signed = f"{_segment({'alg': 'RS256', 'typ': 'JWT'})}.{_segment(claims)}"
        return f"{signed}.{_segment(hex_from(128, self.seed, tenant.id, signed))}"


def _segment(value: object) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode("ascii").rstrip("=")


def _expiry(token: str) -> float:
    claims = token.split(".")[1]
    return float(orjson.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
