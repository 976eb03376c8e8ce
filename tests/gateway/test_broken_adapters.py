"""An adapter that answers what it may not is named, and nothing it says is taken for an end."""

import asyncio
from dataclasses import replace

import pytest
from tests.gateway.vendors import ana

from leadgateway import Lead
from leadgateway.aio import AsyncGateway
from leadgateway.errors import OutcomeUnknown, PluginError
from leadgateway.transfer import migrate, open_journal
from leadgateway_v1_leads.adapter import V1Leads


@pytest.fixture
def broken(face, site):
    """Open a connection whose adapter answers `power` with what `change` makes of the answer."""

    def opened(power, change):
        def answered(adapter, *asked):
            answer = yield from getattr(V1Leads, power)(adapter, *asked)
            return change(answer)

        connection = face.at(site("v1_leads", leads=3))
        connection.opened.adapter.__class__ = type("Broken", (V1Leads,), {power: answered})
        return connection

    return opened


@pytest.mark.parametrize(
    ("power", "change", "use", "said"),
    [
        ("list_page", lambda _: None, lambda crm: crm.list_leads(), "list_page answered NoneType"),
        (
            "list_page",
            lambda page: replace(page, leads=iter((*page.leads,))),
            lambda crm: crm.list_leads(),
            "list_page answered tuple_iterator as leads",
        ),
        (
            "list_page",
            lambda page: replace(page, next_cursor=7),
            lambda crm: crm.list_leads(),
            "list_page answered int as next_cursor",
        ),
        (
            "changes_page",
            lambda page: page.changes,
            lambda crm: crm.list_changes(),
            "changes_page answered tuple",
        ),
        (
            "get",
            lambda lead: lead.raw,
            lambda crm: crm.get_lead(next(iter(crm.list_leads())).ref.id),
            "get answered FrozenDict",
        ),
    ],
)
def test_what_is_read_must_be_what_was_asked_for(broken, power, change, use, said):
    connection = broken(power, change)
    with pytest.raises(PluginError, match=f"the adapter of v1_leads is broken: {said}"):
        list(use(connection))


def test_a_write_without_a_receipt_is_in_doubt(broken):
    connection = broken("create", lambda _: None)
    said = "the adapter of v1_leads is broken: create answered NoneType"
    with pytest.raises(OutcomeUnknown, match=said):
        connection.create_lead(ana())
    (receipt,) = connection.create_many([ana()])
    assert receipt.outcome == "unknown"
    connection = broken("update", lambda _: True)
    (lead, *_) = connection.list_leads()
    with pytest.raises(OutcomeUnknown, match="update answered bool"):
        connection.update_lead(lead.ref.id, Lead(company="Harbour"))


def test_a_page_that_is_none_ends_no_migration(site, tmp_path):
    class Forgets(V1Leads):
        def list_page(self, query, cursor):
            page = yield from V1Leads.list_page(self, query, cursor)
            return page if cursor is None else None

    async def main():
        gateway = AsyncGateway(environ={})
        source, target = site("v1_leads", leads=5), site("v1_leads")
        async with (
            gateway.connect("v1_leads", **source.settings, page_size=2) as old,
            gateway.connect("v1_leads", **target.settings) as new,
        ):
            old.opened.adapter.__class__ = Forgets
            return await migrate(old, new, open_journal(tmp_path / "j.db"), lenient=True)

    with pytest.raises(PluginError, match="list_page answered NoneType"):
        asyncio.run(main())
