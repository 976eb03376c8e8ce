"""Stdout for the commands: that it cannot be written is said in one line, and ends them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, TextIO, cast

from leadgateway.cli.failure import Failure


def guard() -> None:
    """Have everything that this process prints go through a `Stdout`."""
    sys.stdout = cast("TextIO", Stdout(sys.stdout))


class Stdout:
    """Prints to a stream; nobody listening is left to click, every other fault is a `Failure`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Print `text`."""
        with self._guarded():
            return self._stream.write(text)

    def flush(self) -> None:
        """Have everything leave that was printed."""
        with self._guarded():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _Unwritable(self._stream, error) from None


class _Unwritable(Failure):
    def __init__(self, stream: TextIO, error: OSError) -> None:
        super().__init__(f"stdout cannot be written: {error.strerror}.", exit_code=2)
        self._stream = stream

    def show(self, file: IO[Any] | None = None) -> None:
        # What is still held would fail again when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        super().show(file)
