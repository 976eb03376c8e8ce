"""Moving leads between connections: look first, write, account for every lead, read back."""

from leadgateway.transfer.migrate import MigrationReport, Row, migrate
from leadgateway.transfer.readback import Readback, expected_arrival, read_back
from leadgateway.transfer.scan import Progress, Scan, scan

__all__ = [
    "MigrationReport",
    "Progress",
    "Readback",
    "Row",
    "Scan",
    "expected_arrival",
    "migrate",
    "read_back",
    "scan",
]
