"""The flows of a journalled write: made so that the bytes are known before anything leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leadgateway.adapter import Receipt
from leadgateway.capabilities import Operation
from leadgateway.exchange import Flow, Request
from leadgateway.journal import IntendedRow, Intent
from leadgateway.mapping import Draft, Use
from leadgateway.session import Session
from leadgateway.transfer.encode import draft_of, key_for

_USES = {
    Operation.CREATE: Use.CREATE,
    Operation.CREATE_MANY: Use.BULK,
    Operation.UPDATE: Use.UPDATE,
}


@dataclass(frozen=True, slots=True)
class Drafted:
    """One lead of a request to be: the request made for it earlier, its draft, and that as JSON."""

    earlier_intent: int | None
    draft: Draft
    row: IntendedRow


def intent_for(
    session: Session,
    job: str,
    operation: Operation,
    rows: Sequence[Drafted],
    target_id: str | None = None,
) -> Intent:
    """Return the intent to write `rows`: its key and exact body."""
    intent, flow = begun(session, job, operation, rows, target_id)
    flow.close()
    return intent


def begun(
    session: Session,
    job: str,
    operation: Operation,
    rows: Sequence[Drafted],
    target_id: str | None = None,
) -> tuple[Intent, Flow[Sequence[Receipt]]]:
    """Return the intent to write `rows`, and what sends it, byte for byte.

    Without a key that is the very flow that the body was taken from: the request is made once.
    """
    drafts = [row.draft for row in rows]
    committed = tuple(row.row for row in rows)
    flow = _flow(session, operation, drafts, None, target_id)
    request = next(flow)
    body = request.body or b""
    if session.adapter.capabilities.idempotency is None or operation is Operation.UPDATE:
        intent = Intent(operation.value, None, body, committed, target_id)
        return intent, _going_on(flow, lambda: request)
    flow.close()
    seqs, earlier = [row.seq for row in committed], [row.earlier_intent for row in rows]
    intent = Intent(operation.value, key_for(job, seqs, body, earlier), body, committed, target_id)
    return intent, flow_of(session, intent, drafts)()


def drafts_of(intent: Intent) -> list[Draft]:
    """Return the drafts that a request was made of, as they were committed."""
    use = _USES[Operation(intent.operation)]
    return [draft_of(row, use) for row in intent.rows]


def flow_of(
    session: Session, intent: Intent, drafts: Sequence[Draft]
) -> Callable[[], Flow[Sequence[Receipt]]]:
    """Return what sends `intent`, byte for byte as it was committed."""
    operation = Operation(intent.operation)

    def flow() -> Flow[Sequence[Receipt]]:
        fresh = _flow(session, operation, drafts, intent.key, intent.target_id)
        return _going_on(fresh, lambda: next(fresh).with_body(intent.body))

    return flow


def _flow(
    session: Session,
    operation: Operation,
    drafts: Sequence[Draft],
    key: str | None,
    target_id: str | None,
) -> Flow[Sequence[Receipt]]:
    if operation is Operation.CREATE_MANY:
        return (yield from session.adapter.create_many(drafts, key))
    if operation is Operation.UPDATE and target_id is not None:
        return [(yield from session.adapter.update(target_id, drafts[0]))]
    return [(yield from session.adapter.create(drafts[0], key))]


def _going_on(
    flow: Flow[Sequence[Receipt]], first: Callable[[], Request]
) -> Flow[Sequence[Receipt]]:
    """Run `flow` from the request on that `first` returns, which waits for its answer.

    What is raised where it asks is raised in `flow`, as it is outside of a job.
    """
    try:
        request = first()
        while True:
            try:
                answer = yield request
            except Exception as error:  # noqa: BLE001  # the flow decides what an error ends
                request = flow.throw(error)
            else:
                request = flow.send(answer)
    except StopIteration as done:
        receipts: Sequence[Receipt] = done.value
        return receipts
