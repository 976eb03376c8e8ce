"""Drivers that answer from a file: bytes and numbers to read it by, and lines appended for good."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadgateway.drivers.appending import LineFile, check_folder
from leadgateway.drivers.file_index import LineIndex, Occurrences
from leadgateway.errors import ConfigError
from leadgateway.exchange import Interrupted, Request, Response, dumps, loads


class FileDriver:
    """A `Driver` that answers what is asked of one file; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._occurrences: Occurrences | None = None
        self._index: LineIndex | None = None

    def send(self, request: Request) -> Response:
        """Return what the file says; one that cannot be used is a `ConfigError`."""
        with self._lock:
            try:
                return self._answer(request)
            except OSError as error:
                raise _failure(error) from None

    def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            return self._read(request)
        if request.method == "NUMBER":
            return _document(request, self._number(loads(request.body or b"")))
        if request.method == "POST":
            return _document(request, self._append(request.body or b""))
        if request.method == "HEAD":
            return _document(request, self._look())
        return Response(405, (), b"", request)

    def _read(self, request: Request) -> Response:
        asked = dict(request.params)
        _check_kind(self._path.stat())
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno())
            file.seek(int(asked["offset"]))
            data = file.read(int(asked["length"]))
        headers = (("size", str(found.st_size)), ("stamp", stamp_of(found)))
        return Response(200, headers, data, request)

    def _number(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Number the records, unless some before them were never told."""
        known = self._occurrences
        if known is None or known.stamp != asked["stamp"]:
            if known is not None:
                known.close()
            known = self._occurrences = Occurrences(asked["stamp"], asked["top"])
        numbers = None
        if asked["from"] <= known.known_to[0]:
            numbers = known.numbers(asked["keys"], asked["to"])
        return {"known_to": known.known_to, "numbers": numbers}

    def _append(self, body: bytes) -> Mapping[str, Any]:
        if self._path.exists():
            _check_kind(self._path.stat())
        self._index = self._index or LineIndex()
        return {"lines": LineFile(self._path, self._index).append(body.splitlines())}

    def _look(self) -> Mapping[str, Any]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            check_folder(self._path)
            return {"reachable": True, "exists": False}
        _check_kind(found)
        return {"reachable": True, "exists": True, "bytes": found.st_size}

    def close(self) -> None:
        """Forget what was remembered of the file."""
        with self._lock:
            for kept in (self._occurrences, self._index):
                if kept is not None:
                    kept.close()
            self._occurrences = self._index = None


class AsyncFileDriver:
    """An `AsyncDriver` over one file, which is used in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._driver = FileDriver(path)

    async def send(self, request: Request) -> Response:
        """Return what the file says; one that cannot be used is a `ConfigError`."""
        return await asyncio.to_thread(self._driver.send, request)

    async def close(self) -> None:
        """Forget what was remembered of the file."""
        await asyncio.to_thread(self._driver.close)


def stamp_of(found: os.stat_result) -> str:
    """Return what tells this version of a file from its others."""
    return f"{found.st_size:x}-{found.st_mtime_ns:x}"


def _check_kind(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError("this is no regular file.")


def _document(request: Request, value: Mapping[str, Any]) -> Response:
    return Response(200, (), dumps(value), request)


def _failure(error: OSError) -> ConfigError | Interrupted:
    """Return what an error of the operating system means, without the names it holds."""
    if isinstance(error, FileNotFoundError):
        return ConfigError("the file does not exist.")
    if isinstance(error, PermissionError | NotADirectoryError):
        return ConfigError(f"the file cannot be used: {error.strerror}.")
    return Interrupted(f"the file cannot be used: {error.strerror}", sent=True)
