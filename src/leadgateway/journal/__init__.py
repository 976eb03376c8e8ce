"""The journal: what a migration intends and what became of it, committed before and after."""

from leadgateway.journal.entries import (
    Holder,
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    Known,
    Lease,
    Pending,
    RowRecord,
    RowState,
    Settlement,
    Staged,
)
from leadgateway.journal.opening import journal_location, open_journal
from leadgateway.journal.protocol import Journal

__all__ = [
    "Holder",
    "IntendedRow",
    "Intent",
    "JobRecord",
    "JobState",
    "Journal",
    "Known",
    "Lease",
    "Pending",
    "RowRecord",
    "RowState",
    "Settlement",
    "Staged",
    "journal_location",
    "open_journal",
]
