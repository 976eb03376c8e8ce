"""Moving leads between connections: look first, write, account for every lead, read back."""

from leadgateway.transfer.halt import Halt, Halted
from leadgateway.transfer.migrate import migrate
from leadgateway.transfer.readback import Readback, expected_arrival, read_back
from leadgateway.transfer.report import MigrationReport, Row
from leadgateway.transfer.scan import Progress, Scan, scan
from leadgateway.transfer.tally import Tally

__all__ = [
    "Halt",
    "Halted",
    "MigrationReport",
    "Progress",
    "Readback",
    "Row",
    "Scan",
    "Tally",
    "expected_arrival",
    "migrate",
    "read_back",
    "scan",
]
