"""Calls of several steps, written once as flows: both faces drive them alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.cassettes.scenario import run

from leadgateway import Lead, LeadQuery, Policy
from leadgateway.adapter import ChangePage, Receipt
from leadgateway.exchange import Flow
from leadgateway.session import Session, WriteOptions

LENIENT = WriteOptions(policy=Policy(lenient=True))


def create_twice(first: Lead, second: Lead, *, one_key: bool) -> Any:
    """Create two leads, under one idempotency key or under two."""

    def flow(session: Session) -> Flow[Sequence[Receipt]]:
        key = session.new_key()
        one = yield from session.create(first, LENIENT, key)
        other_key = key if one_key else session.new_key()
        other = yield from session.create(second, LENIENT, other_key)
        return one, other

    return run(flow)


def get_first() -> Any:
    """Get the first lead of the list by its id."""

    def flow(session: Session) -> Flow[Lead]:
        page = yield from session.list_page(LeadQuery(page_size=1), None)
        assert page.leads[0].ref is not None
        return (yield from session.get(page.leads[0].ref.id))

    return run(flow)


def create_and_update(lead: Lead, change: Lead) -> Any:
    """Create a lead, and update that one and no other."""
    return run(lambda session: _updated(session, lead, change))


def changes_after(lead: Lead, change: Lead) -> Any:
    """Create and update a lead, then read the record of changes."""

    def flow(session: Session) -> Flow[ChangePage]:
        yield from _updated(session, lead, change)
        return (yield from session.changes_page(None, None))

    return run(flow)


def page_at(cursor: str, **query: Any) -> Any:
    """Ask for the page at a cursor of one's own."""
    return run(lambda session: session.list_page(LeadQuery(**query), cursor))


def _updated(session: Session, lead: Lead, change: Lead) -> Flow[Receipt]:
    created = yield from session.create(lead, LENIENT, None)
    assert created.external_id is not None
    return (yield from session.update(created.external_id, change, LENIENT, created.lead))


def audit_record(lead: Lead, change: Lead) -> Any:
    """Create and update a lead, then read the one record of that change by its id."""

    def flow(session: Session) -> Flow[Any]:
        yield from _updated(session, lead, change)
        page = yield from session.changes_page(None, None)
        adapter: Any = session.adapter
        return (yield from adapter.audit_record(page.changes[0].id))

    return run(flow)
