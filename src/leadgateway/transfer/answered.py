"""What an adapter says of the rows of a request, believed only where it can be so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import OutcomeUnknown
from leadgateway.journal import Intent
from leadgateway.work import failed

_ARRIVED: Final = frozenset({Outcome.CREATED, Outcome.MERGED, Outcome.UPDATED})


def believed(receipts: Any, intent: Intent, vendor: str) -> Sequence[Receipt]:
    """Return the receipts, one a row; what does not say where its lead is leaves it in doubt.

    Raises `OutcomeUnknown` where nobody can tell which receipt is for which row.
    """
    if not isinstance(receipts, Sequence) or len(receipts) != len(intent.rows):
        raise OutcomeUnknown(
            f"the adapter answered for other than {len(intent.rows)} leads", vendor=vendor
        )
    if all(_can_be(receipt, intent.target_id) for receipt in receipts):
        return receipts
    doubt = failed(OutcomeUnknown("the answer does not say which lead was written", vendor=vendor))
    return [receipt if _can_be(receipt, intent.target_id) else doubt for receipt in receipts]


def _can_be(receipt: Any, changed: str | None) -> bool:
    """Whether a receipt names the lead that it says was written: `changed`, if it was known."""
    if not isinstance(receipt, Receipt) or not isinstance(receipt.outcome, Outcome):
        return False
    there = receipt.external_id
    if receipt.outcome not in _ARRIVED:
        return True
    return isinstance(there, str) and bool(there) and changed in {None, there}
