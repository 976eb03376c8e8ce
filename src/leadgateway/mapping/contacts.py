"""How people and the ways to reach them become native values and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from leadgateway.mapping.codecs import expect
from leadgateway.mapping.rules import MISSING, Codec, Limit, Reading, Writing
from leadgateway.normalize import tolerant
from leadgateway.normalize.assembly import assembled
from leadgateway.normalize.name import split
from leadgateway.normalize.text import measure
from leadgateway.taxonomy import Fidelity
from leadgateway.values import EmailAddress, Owner, PersonName, PhoneNumber, PhoneValidity


class FullName(Codec):
    """A whole name in one text; explicit parts are narrowed, since nobody can split it back."""

    fidelity = Fidelity.NORMALIZED
    conditions = ("parts become one text: narrowed where it does not split into them again",)

    def promise(self, source: Codec) -> Fidelity:
        return Fidelity.EXACT if isinstance(source, FullName) else self.fidelity

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return (
            tolerant.name(native, reading.issues) if expect(native, str, path, reading) else MISSING
        )

    def write(self, value: PersonName, path: str, limit: Limit | None, writing: Writing) -> Any:
        explicit = (value.given, value.family)
        if explicit != (None, None) and not value.inferred:
            again = split(value.full)
            fidelity = Fidelity.NORMALIZED if again == explicit else Fidelity.NARROWED
            writing.lose(path, fidelity, "parts_joined")
        return writing.fit(path, value.full, limit)


class Email(Codec):
    """The primary address, its domain in lower case and ASCII; an invalid one never leaves."""

    fidelity = Fidelity.NORMALIZED
    conditions = ("only the primary address", "an invalid address is dropped")
    beyond_limit = "dropped"

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, str, path, reading):
            return MISSING
        return (tolerant.email(native, reading.issues),)

    def write(
        self, value: tuple[EmailAddress, ...], path: str, limit: Limit | None, writing: Writing
    ) -> Any:
        first = value[0]
        if len(value) > 1:
            writing.lose(path, Fidelity.NARROWED, "only_the_primary", f"{len(value) - 1} more")
        if first.address is None:
            writing.lose(path, Fidelity.DROPPED, "invalid_email")
            return MISSING
        if limit is not None and len(first.address) > limit.size:
            writing.lose(path, Fidelity.DROPPED, "too_long", f"limit {limit.size} {limit.unit}")
            return MISSING
        if first.address != first.raw:
            writing.lose(path, Fidelity.NORMALIZED, "canonical_email")
        return first.address


_NO_NUMBER = frozenset(
    {PhoneValidity.NOT_A_PHONE, PhoneValidity.TWO_NUMBERS, PhoneValidity.SPREADSHEET_NUMBER}
)


@dataclass(frozen=True)
class Phone(Codec):
    """The primary number: E.164 where it is valid, else as typed if the vendor takes any text."""

    any_text: bool = False
    fidelity = Fidelity.NORMALIZED
    beyond_limit = "dropped"

    @property
    def conditions(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the vendor
        unparsed = "as typed" if self.any_text else "dropped"
        kept = "in the text" if self.any_text else "dropped"
        return ("only the primary number", f"extension {kept}", f"not in E.164: {unparsed}")

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, str, path, reading):
            return MISSING
        return (tolerant.phone(native, reading.terms.region, reading.issues),)

    def write(
        self, value: tuple[PhoneNumber, ...], path: str, limit: Limit | None, writing: Writing
    ) -> Any:
        first = value[0]
        if len(value) > 1:
            writing.lose(path, Fidelity.NARROWED, "only_the_primary", f"{len(value) - 1} more")
        if (
            first.e164 is None
            and writing.terms.region
            and first.validity is PhoneValidity.NO_REGION
        ):
            first = tolerant.phone(first.raw, first.region or writing.terms.region, [])
            if first.e164 is not None:
                writing.lose(path, Fidelity.NORMALIZED, "e164_by_region", first.region or "")
        if first.e164 is None:
            return self._write_unparsed(first, path, limit, writing)
        text = first.e164 if first.extension is None else self._extended(first, limit)
        if text != first.raw and first is value[0]:
            writing.lose(path, Fidelity.NORMALIZED, "e164")
        if first.extension is not None:
            self._lose_extension(first, text, path, limit, writing)
        return text

    def _lose_extension(
        self, phone: PhoneNumber, text: str, path: str, limit: Limit | None, writing: Writing
    ) -> None:
        """Say where the extension went, unless the text is the one that the number had."""
        if text == phone.e164:
            why = f"limit {limit.size}" if self.any_text and limit is not None else ""
            writing.lose(path, Fidelity.NARROWED, "extension_dropped", why)
        elif text != phone.raw:
            writing.lose(path, Fidelity.NARROWED, "extension_in_text", "as ;ext=")

    def _extended(self, phone: PhoneNumber, limit: Limit | None) -> Any:
        """Return the number in E.164, with its extension if the vendor has room for it."""
        with_extension = f"{phone.e164};ext={phone.extension}"
        fits = self.any_text and (limit is None or len(with_extension) <= limit.size)
        return with_extension if fits else phone.e164

    def _write_unparsed(
        self, phone: PhoneNumber, path: str, limit: Limit | None, writing: Writing
    ) -> Any:
        if not self.any_text or phone.validity in _NO_NUMBER:
            writing.lose(path, Fidelity.DROPPED, str(phone.validity))
            return MISSING
        if limit is not None and measure(phone.raw, limit.unit) > limit.size:
            # The beginning of a number is another number.
            writing.lose(path, Fidelity.DROPPED, "too_long", f"limit {limit.size} {limit.unit}")
            return MISSING
        elsewhere = phone.region != writing.terms.region
        if elsewhere and tolerant.phone(phone.raw, writing.terms.region, []).e164 is not None:
            writing.lose(path, Fidelity.NARROWED, "read_by_region", writing.terms.region or "")
        return writing.fit(path, phone.raw, limit)


@lru_cache(maxsize=4096)
def _known_by(identifier: str) -> Owner:
    return assembled(Owner, {"id": identifier, "name": None, "email": None, "role": None}, {"id"})


@dataclass(frozen=True)
class OwnerId(Codec):
    """The vendor's own id of a person; a person from elsewhere needs the connection's owner map."""

    fidelity = Fidelity.NORMALIZED
    conditions = ("needs owner_map for owners from elsewhere", "only the id")

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return _known_by(native) if expect(native, str, path, reading) else MISSING

    def write(self, value: Owner, path: str, limit: Limit | None, writing: Writing) -> Any:
        known = writing.terms.owner_map
        for name in (value.email, value.id, value.name):
            if name and name in known:
                writing.lose(path, Fidelity.NORMALIZED, "owner_map")
                return known[name]
        if value.id is None or writing.from_elsewhere:
            writing.lose(path, Fidelity.DROPPED, "owner_unmapped", "name it in owner_map")
            return MISSING
        if not all(part is None for part in (value.name, value.email, value.role)):
            writing.lose(path, Fidelity.NORMALIZED, "only_the_id")
        return writing.fit(path, value.id, limit)


class OwnerObject(OwnerId):
    """An owner shown as an object of id, name and role, or as its id alone; written as the id."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if isinstance(native, str):
            return _known_by(native)
        if not expect(native, Mapping, path, reading):
            return MISSING
        parts = {
            "id": native.get("id"),
            "name": native.get("name"),
            "role": native.get("role_name"),
        }
        if not all(part is None or isinstance(part, str) for part in parts.values()):
            reading.report(path, "partly_read", "a part of the owner is no text")
        return Owner(**{key: part for key, part in parts.items() if isinstance(part, str)})
