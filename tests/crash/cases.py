"""The migrations that are killed: which way, which leads, and what must be there in the end."""

import json
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from leadgateway.simulator.serve import Running, launch

LEADS = 12
TWINS = 2
"""So many of the leads are there twice, word for word: nothing but their ids tells them apart."""


@dataclass(frozen=True)
class Route:
    """A way from one vendor to another, and how the target settles a write in doubt."""

    name: str
    source: str
    target: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    merges: bool = False


NOVALA = {"fallback_source": "import", "name_placeholder": "-"}
ROUTES = (
    Route("keyed batches", "novala", "mega", merges=True),
    Route("keyed leads", "mega", "apollo_space"),
    Route("looked up", "mega", "novala", NOVALA),
    Route("looked up by mark", "mega", "novala", {**NOVALA, "marker": "external_ref"}),
    Route("looked up by date", "mega", "v1_leads"),
)


class Vendor:
    """A vendor's simulator in a process of its own, which outlives everything that is killed."""

    def __init__(self, running: Running) -> None:
        self.running = running

    @property
    def settings(self) -> dict[str, Any]:
        return {**self.running.settings, "rate_limits": False, "settle_seconds": 0}

    def load(self, rows: list[dict[str, Any]]) -> None:
        body = b"\n".join(json.dumps(row).encode() for row in rows)
        self._ask("POST", "leads", body)

    def dump(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._ask("GET", "leads").splitlines()]

    def clear(self) -> None:
        self._ask("DELETE", "leads")

    def writes(self) -> int:
        """Return how many requests that write came here so far."""
        counts = json.loads(self._ask("GET", "requests"))["counts"]
        return sum(row["count"] for row in counts if row["method"] != "GET")

    def _ask(self, method: str, what: str, body: bytes | None = None) -> bytes:
        url = f"{self.running.url}/_simulator/{what}"
        request = urllib.request.Request(url, data=body, method=method)  # noqa: S310 - our own loopback address
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - likewise
            return answer.read()


def launched(stack: ExitStack, vendor: str, *, leads: int = 0, seed: int = 0) -> Vendor:
    return Vendor(stack.enter_context(launch(vendor, leads=leads, seed=seed, rate_limits=False)))


def source_rows(vendor: str, count: int = LEADS) -> list[dict[str, Any]]:
    """Return `count` leads in the shape of `vendor`; the last of them are twins of the first."""
    numbers = [*range(count - TWINS), *range(TWINS)]
    return [_ROWS[vendor](number) for number in numbers]


def _novala_row(number: int) -> dict[str, Any]:
    return {
        "firstName": "Lead", "lastName": f"Number {number}", "email": _email(number),
        "phone": f"+1415555{number:04}", "notes": f"note {number}",
    }  # fmt: skip


def _mega_row(number: int) -> dict[str, Any]:
    return {
        "contact_name": f"Lead Number {number}", "contact_email": _email(number),
        "contact_phone": f"+1415555{number:04}", "source_platform": "google_ads",
        "custom_fields": {"company_name": f"Company {number}"},
    }  # fmt: skip


_ROWS = {"novala": _novala_row, "mega": _mega_row}
_EMAIL_KEYS = ("email", "contact_email")


def _email(number: int) -> str:
    return f"lead{number}@example.com"


def expected(route: Route, count: int = LEADS) -> Counter[str]:
    """Return how often each e-mail address must be at the target when all is done."""
    wanted = Counter(_email_of(row) for row in source_rows(route.source, count))
    return Counter(dict.fromkeys(wanted, 1)) if route.merges else wanted


def found(target: Vendor) -> Counter[str]:
    """Return how often each e-mail address is at the target."""
    return Counter(map(_email_of, target.dump()))


def _email_of(row: Mapping[str, Any]) -> str:
    return next(row[key] for key in _EMAIL_KEYS if key in row)
