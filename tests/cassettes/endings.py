"""How a call ended, as plain data: ids, outcomes and error classes, nothing of a person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from inspect import isasyncgen, isawaitable
from itertools import islice
from typing import Any

from tests.cassettes.clock import VirtualClock

from leadgateway import Lead, Outcome, Page, Receipt
from leadgateway.adapter import Change, ChangePage
from leadgateway.aio import AsyncLeadListing
from leadgateway.errors import LeadGatewayError
from leadgateway.exchange import Response
from leadgateway.gateway import LeadListing

MOST_PAGES = 2
MOST_CHANGES = 5

Ending = dict[str, Any]


def collect(result: Any) -> Any:
    """Return what a call returned, read as far as a cassette needs it."""
    if isinstance(result, LeadListing):
        with closing(result.pages()) as pages:
            return list(islice(pages, MOST_PAGES))
    if isinstance(result, Iterator):
        return list(islice(result, MOST_CHANGES))
    return result


async def acollect(result: Any) -> Any:
    """Do as `collect` does, for the asynchronous side."""
    if isinstance(result, AsyncLeadListing):
        return await _take(result.pages(), MOST_PAGES)
    if isasyncgen(result):
        return await _take(result, MOST_CHANGES)
    return await result if isawaitable(result) else result


async def _take(items: Any, most: int) -> list[Any]:
    assert isinstance(items, AsyncGenerator)
    taken: list[Any] = []
    async with aclosing(items):
        async for item in items:
            taken.append(item)
            if len(taken) == most:
                break
    return taken


def described(result: Any) -> Ending:
    """Return the ending of a call that returned `result`."""
    match result:
        case Lead():
            return {"lead": _id(result)}
        case Response():
            return {"status": result.status}
        case Mapping():
            return {"learnt": {k: list(v) if _many(v) else v for k, v in result.items()}}
        case ChangePage():
            rows = result.changes
        case _:
            rows = tuple(result) if _many(result) else (result,)
    if rows and isinstance(rows[0], Page):
        pages = [[_id(lead) for lead in page.leads] for page in rows]
        return {"pages": pages, "ended": rows[-1].next_cursor is None}
    if rows and isinstance(rows[0], Receipt):
        return {"receipts": [_receipt(receipt) for receipt in rows]}
    return {"changes": [_change(change) for change in rows]}


def failed(error: LeadGatewayError, clock: VirtualClock) -> Ending:
    """Return the ending of a call that raised `error`."""
    ending: Ending = {"error": type(error).__name__}
    for name in ("status", "request_id"):
        if value := getattr(error, name, None):
            ending[name] = value
    if fields := getattr(error, "fields", None):
        ending["fields"] = sorted(fields)
    if retry_at := getattr(error, "retry_at", None):
        ending["retry_after"] = (retry_at - clock.now()).total_seconds()
    return ending


def brief(ending: Ending) -> str:
    """Return the ending in the words of a scenario's `ends`."""
    waited = f" after {ending['waited']:g} s" if "waited" in ending else ""
    return _brief(ending) + waited


def matches(ending: Ending, ends: str) -> bool:
    """Tell whether a call ended exactly so."""
    return brief(ending) == ends


def alike(ending: Ending, ends: str) -> bool:
    """Tell whether a call ended in that way on an account whose leads nobody knows beforehand."""
    first = ends.split(maxsplit=1)[0].rstrip(",")
    if "receipts" in ending:
        return first in set(Outcome)
    return matches(ending, ends) or first == next(iter(ending))


def _brief(ending: Ending) -> str:
    match ending:
        case {"error": kind, "status": status}:
            return f"{kind} {status}"
        case {"error": kind}:
            return str(kind)
        case {"pages": pages, "ended": ended}:
            return f"pages {'+'.join(str(len(page)) for page in pages)}{'' if ended else '+'}"
        case {"receipts": receipts}:
            return ", ".join(receipt["outcome"] for receipt in receipts)
        case {"changes": changes}:
            return f"changes {len(changes)}"
        case {"status": status}:
            return f"status {status}"
    return next(iter(ending))


def _receipt(receipt: Receipt) -> Ending:
    losses = sorted({f"{loss.path} {loss.fidelity}" for loss in receipt.losses})
    error = receipt.error
    told = {
        "outcome": str(receipt.outcome),
        "id": receipt.external_id,
        "matched_by": receipt.matched_by,
        "doubt": receipt.doubt,
        "losses": losses,
        "error": error and type(error).__name__,
    }
    return {name: value for name, value in told.items() if value}


def _change(change: Change) -> Ending:
    return {"lead": change.lead_id, "action": change.action, "fields": sorted(change.diff)}


def _id(lead: Lead) -> str:
    assert lead.ref is not None
    return lead.ref.id


def _many(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
