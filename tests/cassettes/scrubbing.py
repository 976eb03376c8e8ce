"""What of an exchange may be kept: headers by allow-list, secrets and accounts as placeholders.

What a live vendor answers is kept by allow-list as well: of its bodies only the keys in `KEPT`
hold their own values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from vcr.request import Request

REQUEST_HEADERS = frozenset({"accept", "content-type", "idempotency-key"})
RESPONSE_HEADERS = frozenset({"content-type", "date", "retry-after"})
RESPONSE_PREFIXES = ("ratelimit-", "x-ratelimit-")
CREDENTIAL, TENANT = "[credential]", "[tenant]"
MASKED = {"authorization": CREDENTIAL, "x-organization-id": TENANT, "x-customer-id": TENANT}

OWN = "00000000-0000-4000-8000-000000000001"
FOREIGN = "00000000-0000-4000-8000-000000000002"
PIPELINE = "00000000-0000-4000-8000-000000000003"
IDENTITIES = {
    "organization_id": OWN,
    "customer_id": OWN,
    "tenant_id": OWN,
    "pipeline_id": PIPELINE,
}
"""The settings, and keys of bodies, that name an account."""

KEPT = frozenset(
    {
        *("id", "lead_id", "owner_id", "assignedTo", "row_ref", "matched_by"),
        *("next_cursor", "nextCursor", "hasMore", "total", "limit", "offset"),
        *("created", "updated", "skipped", "failed", "code", "type", "action"),
        *("status", "stage", "slug", "pipeline_stage", "source", "source_platform", "source_type"),
        *("score", "lead_score", "value_cents", "interaction_count", "environment", "scopes"),
        *("created_at", "updated_at", "createdAt", "last_interaction_at"),
        "qualification_completed_at",
    }
)
"""Keys whose values say nothing of a person, in any vendor's bodies."""

_EMAIL = re.compile(r"\S+@\S+")
_PHONE = re.compile(r"[+(]?\d[\d\s().-]{5,}")


class Scrubber:
    """Cleans what goes onto a cassette, and what is compared with it.

    `names` maps secrets and accounts to placeholders, wherever they stand in addresses and bodies.
    """

    def __init__(self, vendor: str, names: Mapping[str, str]) -> None:
        self._host = f"{vendor.replace('_', '-')}.test"
        self._names = dict(names)

    @classmethod
    def of_simulator(cls, simulator: Any) -> Scrubber:
        """Return the scrubber for a simulator's keys, tenants and settings."""
        names = dict.fromkeys(simulator.keys, CREDENTIAL)
        names |= {simulator.tenant.id: OWN, simulator.neighbour.id: FOREIGN}
        return cls(simulator.vendor, {**names, **identities(simulator.settings)})

    def request(self, request: Request) -> Request:
        """Return the request as the cassette knows it: on a host of its own, without secrets."""
        parts = urlsplit(self.text(request.uri))
        request.uri = urlunsplit(("https", self._host, parts.path, parts.query, ""))
        headers = sorted((name.lower(), value) for name, value in request.headers.items())
        request.headers = {
            name: MASKED.get(name) or self.text(value)
            for name, value in headers
            if name in MASKED or name in REQUEST_HEADERS
        }
        if request.body:
            request.body = self.text(request.body.decode())
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return the answer as the cassette keeps it."""
        headers = {
            name.lower(): values
            for name, values in response["headers"].items()
            if name.lower() in RESPONSE_HEADERS or name.lower().startswith(RESPONSE_PREFIXES)
        }
        body = self.body(response["body"]["string"])
        return {**response, "headers": headers, "body": {"string": body}}

    def body(self, body: bytes) -> bytes:
        """Return an answer's body as the cassette keeps it."""
        return self.text(body.decode()).encode()

    def text(self, text: str) -> str:
        """Return `text` with a placeholder for each secret and each account."""
        for name in sorted(self._names, key=len, reverse=True):
            text = text.replace(name, self._names[name])
        return text

    def value(self, value: Any) -> Any:
        """Return plain data with a placeholder for each secret and each account."""
        return json.loads(self.text(json.dumps(value)))


class LiveScrubber(Scrubber):
    """Cleans what a live vendor says: values outside `KEPT` become placeholders of their kind.

    The same value gets the same placeholder; what we sent ourselves is invented and stays.
    """

    def __init__(self, vendor: str, names: Mapping[str, str]) -> None:
        super().__init__(vendor, names)
        self._keys: list[str] = []
        self._sent: set[Any] = set()
        self._placeholders: dict[str, str] = {}

    def key(self, made_up: str) -> str:
        """Note an idempotency key, which becomes `key(n)` on the cassette; returns it."""
        self._keys.append(made_up)
        self._names[made_up] = key(len(self._keys))
        return made_up

    def request(self, request: Request) -> Request:
        """Return the request as the cassette knows it; its values may come back as they are."""
        if request.body:
            self._sent.update(_scalars(json.loads(request.body)))
        return super().request(request)

    def body(self, body: bytes) -> bytes:
        """Return an answer's body with nothing of a person in it."""
        try:
            value = json.loads(body)
        except ValueError:
            return b"[no JSON]"
        return json.dumps(self._clean(value, ""), separators=(",", ":")).encode()

    def _clean(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {each: self._clean(item, each) for each, item in value.items()}
        if isinstance(value, list):
            return [self._clean(item, name) for item in value]
        if value is None or isinstance(value, bool):
            return value
        if name in IDENTITIES:
            return self._names.setdefault(str(value), IDENTITIES[name])
        if name in KEPT or value in self._sent:
            return self.text(value) if isinstance(value, str) else value
        return self._placeholder(value) if isinstance(value, str) else 0

    def _placeholder(self, text: str) -> str:
        number = len(self._placeholders) + 1
        if _EMAIL.search(text):
            new = f"person.{number}@example.com"
        elif _PHONE.fullmatch(text.strip()):
            new = f"+1202555{number:04d}"
        else:
            new = f"text {number}" if text else text
        return self._placeholders.setdefault(text, new)


def key(number: int) -> str:
    """Return the idempotency key that the cassette shows for the `number`th one made up."""
    return f"00000000-0000-4000-9000-{number:012d}"


def identities(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the placeholder for each account that the settings name."""
    return {
        str(value): IDENTITIES[name]
        for name, value in settings.items()
        if value and name in IDENTITIES
    }


def _scalars(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    else:
        yield value
