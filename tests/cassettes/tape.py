"""A cassette file: where it comes from, what it shows, how that ended, and the exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from tests.cassettes.scrubbing import Scrubber
from vcr import VCR
from vcr.cassette import Cassette
from vcr.patch import PATCHER_NAMES
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.serialize import deserialize, serialize

ROOT = Path(__file__).parents[2] / "cassettes"
FORMAT = 1
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Tape = dict[str, Any]

_OTHERS = tuple(name for name in PATCHER_NAMES if not name.startswith("httpx"))


def read(path: Path) -> Tape:
    """Return the contents of a cassette file."""
    tape: Tape = yaml.load(path.read_text("utf-8"), LOADER)  # noqa: S506 - either loader is a safe one
    return tape


def written(tape: Tape) -> str:
    """Return the text of a cassette file."""
    return yaml.dump(tape, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=100)


def keep(path: Path, tape: Tape) -> bool:
    """Write the file, unless it says the same already but for date and version; tell whether."""
    if path.exists() and _lasting(read(path)) == _lasting(tape):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(tape), "utf-8")
    return True


def interactions(cassette: Cassette) -> list[Mapping[str, Any]]:
    """Return what was recorded, as it stands in the file."""
    recorded = {"requests": cassette.requests, "responses": cassette.responses}
    found: list[Mapping[str, Any]] = serialize(
        recorded, SimpleNamespace(serialize=lambda data: data["interactions"])
    )
    return found


def recording(scrubber: Scrubber) -> AbstractContextManager[Cassette]:
    """Record every exchange on an empty cassette in memory."""
    return _use(scrubber, "all", _Memory, "")


def replaying(path: Path, scrubber: Scrubber) -> AbstractContextManager[Cassette]:
    """Answer from the file and nothing else; each exchange is played once."""
    return _use(scrubber, "none", _File, path)


def _use(scrubber: Scrubber, mode: str, persister: type, path: Path | str) -> Any:
    vcr = VCR(
        record_mode=mode,
        match_on=("method", "path", "query", "headers", "body"),
        before_record_request=scrubber.request,
        before_record_response=scrubber.response,
        decode_compressed_response=True,
        skip_patchers=_OTHERS,
    )
    return vcr.use_cassette(str(path) or "memory", persister=persister)


def _lasting(tape: Tape) -> Tape:
    provenance = {k: v for k, v in tape["provenance"].items() if k not in {"date", "version"}}
    return {**tape, "provenance": provenance}


class _File:
    """Reads cassette files as UTF-8 whatever the locale; writing is not its business."""

    @staticmethod
    def load_cassette(path: str, serializer: Any) -> Any:
        return deserialize(Path(path).read_text("utf-8"), serializer)


class _Memory:
    """Knows no file."""

    @staticmethod
    def load_cassette(_path: str, serializer: Any) -> Any:
        raise CassetteNotFoundError

    @staticmethod
    def save_cassette(_path: str, _cassette: Any, serializer: Any) -> None:
        """Keep nothing: the recorder takes what it wants from the cassette."""
