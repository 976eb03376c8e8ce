"""Writing many leads: the jobs they come to, and receipts for whatever goes wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import (
    LeadGatewayError,
    OutcomeUnknown,
    PluginError,
    Recovery,
    Rejected,
)
from leadgateway.exchange import Flow
from leadgateway.mapping import Draft
from leadgateway.values import Loss


@dataclass(frozen=True)
class Job:
    """One request's worth of writing: which leads it is for, and the flow that does it."""

    indices: tuple[int, ...]
    flow: Callable[[], Flow[Sequence[Receipt]]]


@dataclass(frozen=True)
class Work:
    """What many leads come to: receipts that are settled already, and jobs to be done."""

    settled: Mapping[int, Receipt]
    jobs: tuple[Job, ...]


def _are_receipts(answers: Sequence[object]) -> bool:
    return all(isinstance(answer, Receipt) for answer in answers)


def failed(error: LeadGatewayError, losses: tuple[Loss, ...] = ()) -> Receipt:
    """Return the receipt of a lead whose write ended in `error`."""
    in_doubt = error.recovery is Recovery.RECONCILE
    return Receipt(Outcome.UNKNOWN if in_doubt else Outcome.FAILED, losses=losses, error=error)


@dataclass(slots=True)
class Brake:
    """Turns errors into receipts, and stops what has not been sent once one concerns all."""

    vendor: str
    pulled_by: LeadGatewayError | None = None

    def guard(
        self, write: Callable[[], Flow[Sequence[Receipt]]], drafts: Sequence[Draft]
    ) -> Flow[Sequence[Receipt]]:
        """Write the drafts; raises only `Rejected`, and that only for several of them."""
        if self.pulled_by is not None:
            return [Receipt(Outcome.FAILED, losses=d.losses, error=self.pulled_by) for d in drafts]
        try:
            receipts = yield from write()
            if len(receipts) != len(drafts) or not _are_receipts(receipts):
                raise ValueError("a receipt is missing, or there is one too many")  # noqa: TRY301  # as any other fault of the adapter
        except LeadGatewayError as error:
            if isinstance(error, Rejected) and len(drafts) > 1:
                raise
            if error.reason.recovery is Recovery.ABORT:
                self.pulled_by = error.reason
            return [failed(error, draft.losses) for draft in drafts]
        except Exception as error:  # noqa: BLE001  # a plugin's bug must not cost the other receipts
            fault = f"the adapter of {self.vendor} failed: {type(error).__name__}"
            self.pulled_by = PluginError(fault)
            doubt = OutcomeUnknown(fault, vendor=self.vendor)
            doubt.__cause__ = error
            return [failed(doubt, draft.losses) for draft in drafts]
        return receipts
