"""Moving leads between connections: plan, migrate, verify, undo, report.

Each is awaited and takes `AsyncConnection`s; `leadgateway.transfer.blocking` has the same names
for `Connection`s. Jobs live in a journal: see `open_journal`.
"""

from leadgateway.journal.opening import open_journal
from leadgateway.transfer.certificate import Certificate
from leadgateway.transfer.certificate import certify as report
from leadgateway.transfer.collector import seldom_collected
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.transfer.migrate import migrate
from leadgateway.transfer.operate import resolve_created, resolve_resend, retry, unknown_rows
from leadgateway.transfer.plan import Plan, plan
from leadgateway.transfer.run import JobOptions, run_job
from leadgateway.transfer.undo import UndoReport, undo
from leadgateway.transfer.verification import Verification
from leadgateway.transfer.verify import verify

__all__ = [
    "Certificate",
    "Halt",
    "Halted",
    "JobOptions",
    "Plan",
    "UndoReport",
    "Verification",
    "migrate",
    "open_journal",
    "plan",
    "report",
    "resolve_created",
    "resolve_resend",
    "retry",
    "run_job",
    "seldom_collected",
    "undo",
    "unknown_rows",
    "verify",
]
