"""Lines at the end of a file, each once: whole, on the disk, and never twice."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from leadgateway.drivers.file_index import LineIndex
from leadgateway.errors import ConfigError
from leadgateway.exchange import Interrupted
from leadgateway.files.lines import id_of, is_torn

_MARK = b"\xef\xbb\xbf"
# Some platforms change line ends on their way unless told not to.
_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class LineFile:
    """A file of leads, one a line; `index` is kept from one use to the next."""

    path: Path
    index: LineIndex

    def append(self, lines: Sequence[bytes]) -> list[Mapping[str, str]]:
        """Append the lines whose id is not there, and return what became of each.

        `written` is on the disk now, `there` was, byte for byte, and `taken` is an id that another
        line has. A last line that a crash cut short is removed first. Nothing is written to a file
        that holds anything but leads.
        """
        with _locked(self.path) as number, os.fdopen(number, "rb", closefd=False) as file:
            if self.index.stamp != _stamp(number):
                self._learn(number, file)
            fates, fresh = self._sort(file, lines)
            if fresh:
                self._put(number, fresh)
            self.index.stamp = _stamp(number)
            return fates

    def _learn(self, number: int, file: BinaryIO) -> None:
        """Read where each line is, and mend the last one if its end is missing."""
        self.index.clear()
        offset = 0
        for count, line in enumerate(file, 1):
            text = line.removeprefix(_MARK) if count == 1 else line
            whole = line.endswith(b"\n")
            try:
                if text.strip():
                    self.index.add(id_of(text.strip()), offset)
            except ValueError:
                if whole or not is_torn(text):
                    raise ConfigError(
                        f"line {count} holds no lead: nothing is appended to such a file."
                    ) from None
                _cut(number, offset)
                return
            offset += len(line)
            if not whole:
                _write(number, offset, b"\n")

    def _sort(
        self, file: BinaryIO, lines: Sequence[bytes]
    ) -> tuple[list[Mapping[str, str]], Mapping[str, bytes]]:
        """Return what is to become of each line, and those that are to be written."""
        fresh: dict[str, bytes] = {}
        fates: list[Mapping[str, str]] = []
        for line in lines:
            line_id = id_of(line)
            before = fresh.get(line_id) or self._line(file, line_id)
            if before is None:
                fresh[line_id] = line
                fate = "written"
            else:
                fate = "there" if before == line else "taken"
            fates.append({"id": line_id, "fate": fate})
        return fates, fresh

    def _line(self, file: BinaryIO, line_id: str) -> bytes | None:
        offset = self.index.find(line_id)
        if offset is None:
            return None
        file.seek(offset)
        return file.readline().removeprefix(_MARK).strip()

    def _put(self, number: int, fresh: Mapping[str, bytes]) -> None:
        """Append all lines, or leave the file as it was; only a failing disk does neither."""
        size = os.fstat(number).st_size
        self.index.stamp = ""
        try:
            _write(number, size, b"".join(line + b"\n" for line in fresh.values()))
        except OSError as error:
            undone = False
            with suppress(OSError):
                _cut(number, size)
                undone = True
            reason = f"the file cannot be written: {error.strerror}"
            raise Interrupted(reason, sent=not undone) from None
        for line_id, line in fresh.items():
            self.index.add(line_id, size)
            size += len(line) + 1


def check_folder(path: Path) -> None:
    """Raise `ConfigError` if there is no folder where a file would be made."""
    if not path.parent.is_dir():
        raise ConfigError("the folder of the file does not exist.")


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open a file for its one writer, and make it if it is not there, for its owner only."""
    known = path.exists()
    try:
        number = os.open(path, _OPEN, 0o600)
    except FileNotFoundError:
        check_folder(path)
        raise ConfigError("no file can be made in its folder.") from None
    try:
        # Where the platform has no such lock, one process at a time is the caller's business.
        with suppress(ImportError):
            from fcntl import LOCK_EX, flock

            flock(number, LOCK_EX)
        if not known:
            _settle_folder(path.parent)
        yield number
    finally:
        os.close(number)


def _write(number: int, offset: int, data: bytes) -> None:
    """Have the disk hold `data` from `offset` on."""
    os.lseek(number, offset, os.SEEK_SET)
    left = memoryview(data)
    while left:
        left = left[os.write(number, left) :]
    os.fsync(number)


def _cut(number: int, size: int) -> None:
    os.ftruncate(number, size)
    os.fsync(number)


def _settle_folder(folder: Path) -> None:
    """Have the disk know a new file's name, where a folder can be opened at all."""
    with suppress(PermissionError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _stamp(number: int) -> str:
    found = os.fstat(number)
    return f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"
