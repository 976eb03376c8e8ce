"""Ids that a vendor takes in one form only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from leadgateway.errors import ConfigError
from leadgateway.mapping.rules import MISSING, Codec, Limit, Reading, Writing
from leadgateway.taxonomy import Fidelity

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def check_uuids(name: str, identifiers: Iterable[str]) -> None:
    """Raise `ConfigError` for the setting or filter `name` if one of its ids is no UUID."""
    if not all(map(_UUID.fullmatch, identifiers)):
        raise ConfigError(f"{name}: this vendor takes UUIDs only.")


@dataclass(frozen=True)
class UuidOnly(Codec):
    """What another codec writes, if it is a UUID: an id of any other form is dropped."""

    codec: Codec

    @property
    def fidelity(self) -> Fidelity:  # type: ignore[override]  # the other codec's
        return self.codec.fidelity

    @property
    def conditions(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the other codec
        return (*self.codec.conditions, "an id that is no UUID is dropped")

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return self.codec.read(native, path, reading)

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        native = self.codec.write(value, path, limit, writing)
        if native is MISSING or _UUID.fullmatch(native):
            return native
        writing.lose(path, Fidelity.DROPPED, "not_a_uuid")
        return MISSING
