"""Writing what a command found to a file that the user named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from leadgateway.errors import ConfigError


def write_text(file: Path, parts: Iterable[str]) -> None:
    """Write `parts` to `file` as they are; `ConfigError` if it cannot be written."""
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(parts)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}.") from error
