"""Which process a journal belongs to: a fork shares the handle, and two would damage it."""

from __future__ import annotations

import os

from leadgateway.errors import JournalError


class Home:
    """The process that opened a journal."""

    def __init__(self) -> None:
        self._process = os.getpid()

    @property
    def is_here(self) -> bool:
        """Whether this is that process."""
        return self._process == os.getpid()

    def check(self) -> None:
        """Refuse to work in any other."""
        if not self.is_here:
            raise JournalError(
                f"the journal was opened by process {self._process}: open it anew after a fork."
            )
