"""Time that passes only when somebody waits or something is exchanged."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
EXCHANGE = timedelta(seconds=5)
"""What one exchange takes: enough for two writes to lie apart."""


class VirtualClock:
    """The clock of client and simulator alike; `waited` is what the client slept, in seconds."""

    def __init__(self, start: datetime = START) -> None:
        self._start = self._now = start
        self.waited = 0.0

    def now(self) -> datetime:
        """Return the virtual time of day."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds since the start."""
        return (self._now - self._start).total_seconds()

    def exchange(self) -> None:
        """Let the time of one exchange pass."""
        self._now += EXCHANGE

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.waited += seconds
        self._now += timedelta(seconds=seconds)

    async def asleep(self, seconds: float) -> None:
        """Do as `sleep` does, for the asynchronous side."""
        self.sleep(seconds)


class RealClock(VirtualClock):
    """The machine's own time, for a live vendor, whose quota is real; it counts no waits."""

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
