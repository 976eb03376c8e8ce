"""What leaves for a lead is what was committed, whether it leaves now or after a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.leads import LEADS
from tests.laws.strength import law
from tests.laws.subjects import adapters, settings_of

from leadgateway.adapter import Adapter
from leadgateway.capabilities import Operation
from leadgateway.errors import LeadGatewayError
from leadgateway.exchange import Flow, Response
from leadgateway.lead import Lead
from leadgateway.session import ANYTHING, Session
from leadgateway.transfer.encode import intended
from leadgateway.transfer.flows import Drafted, begun, drafts_of, flow_of

ANSWERS = [
    (201, b'{"id":"7","data":{"id":"7"},"lead":{"id":"7"}}'),
    (200, b'{"results":[],"dry_run":false}'),
    (422, b'{"error":"no"}'),
    (201, b"{}"),
]


def told(flow: Flow[Any], status: int, body: bytes) -> tuple[Any, ...]:
    """Return what a flow asks first, and what it makes of the answer."""
    request = next(flow)
    headers = (("content-type", "application/json"),)
    try:
        end: Any = flow.send(Response(status, headers, body, request))
    except StopIteration as done:
        end = tuple(done.value)
    except LeadGatewayError as error:
        end = repr(error), str(error)
    return request, end


@pytest.mark.parametrize("kind", adapters(), ids=lambda kind: kind.vendor)
@law
@given(leads=st.lists(LEADS, min_size=1, max_size=3), answer=st.sampled_from(ANSWERS))
def test_the_request_that_was_begun_is_the_one_made_of_its_intent(
    kind: type[Adapter[Any]], leads: list[Lead], answer: tuple[int, bytes]
) -> None:
    willing = replace(kind.rules, needs=())
    session = Session(kind(settings_of(kind), rules=willing), new_key=str)
    drafts = [session.encoded(lead, session.write_use, ANYTHING) for lead in leads]
    rows = [Drafted(None, draft, intended(seq, draft)) for seq, draft in enumerate(drafts)]
    operation = Operation.CREATE
    if Operation.CREATE_MANY in kind.capabilities.operations:
        operation = Operation.CREATE_MANY
    rows = rows if operation is Operation.CREATE_MANY else rows[:1]
    intent, flow = begun(session, "job", operation, rows)
    again = flow_of(session, intent, drafts_of(intent))()
    request, end = told(flow, *answer)
    assert request.body == intent.body
    assert (request, end) == told(again, *answer)
