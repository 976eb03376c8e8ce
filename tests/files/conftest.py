"""A folder that is the current one, and connections to its files by either face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gateway.faces import Face


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest, folder: Path) -> Iterator[Face]:
    opened = Face(request.param, "httpx")
    yield opened
    opened.close()


@pytest.fixture
def sheet(face: Face, folder: Path) -> Any:
    """Write a table of text and connect to it."""

    def opened(content: str | bytes, **settings: Any) -> Any:
        data = content.encode() if isinstance(content, str) else content
        (folder / "leads.csv").write_bytes(data)
        return face.open("leads.csv", **settings)

    return opened
