"""The port: what any HTTP client must offer to carry our requests, and how it fails."""

from __future__ import annotations

from typing import Protocol

from leadgateway.exchange import Request, Response


class Driver(Protocol):
    """Sends requests one at a time from any thread.

    No answer is `Interrupted`; an answer that breaks the guards is `BadResponse` after a read and
    `OutcomeUnknown` after a write; a redirect elsewhere is `UnsafeURL`; a request that cannot be
    written is `ConfigError`. Nothing else is raised, and no error holds a header or a body.
    """

    def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""

    def close(self) -> None:
        """Close every connection; sending afterwards is an error."""


class AsyncDriver(Protocol):
    """Sends requests from any number of tasks of one event loop; it fails as `Driver` does."""

    async def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""

    async def close(self) -> None:
        """Close every connection; sending afterwards is an error."""
