"""The value objects a Lead is made of; each is frozen and compares by value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic_core import CoreSchema

from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus

Code = TypeVar("Code", LeadStatus, LeadSource, CaptureMethod)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the instant lies outside the calendar") from None


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


class Value(BaseModel):
    """A frozen value object; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Personal(Value):
    """A value that says something of a person: what it holds is never shown by `repr`."""

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name in type(self).model_fields:
            if name in self.model_fields_set:
                yield name, "..." if getattr(self, name) is not None else None


def part_by_part(core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Return the JSON schema of what leaves out its unknown parts: they are not null by default."""
    # The serializer that leaves them out says of itself only that it makes an object.
    plain: Any = {key: value for key, value in core.items() if key != "serialization"}
    schema = handler.resolve_ref_schema(handler(plain))
    for part in schema["properties"].values():
        if part.get("default", ...) is None:
            del part["default"]
    return schema


class Parts(Value):
    """A value whose parts are known one by one: a part never given is unknown, `None` is empty.

    Two are equal if they know the same parts, and the same of them.
    """

    @model_serializer(mode="wrap")
    def _leave_out_the_unknown(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        known = self.model_fields_set
        return {part: value for part, value in handler(self).items() if part in known}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return part_by_part(core, handler)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Parts)
            and self.model_fields_set == other.model_fields_set
            and super().__eq__(other)
        )

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))


class ExternalRef(Value):
    """Where a lead was read: the vendor, the connection and the vendor's own id."""

    vendor: str
    connection: str
    id: str


class PersonName(Personal):
    """A name as written; `inferred` parts were split by us, and `full` is always the truth."""

    full: str
    given: str | None = None
    family: str | None = None
    inferred: bool = False


class Company(Parts):
    """The organization a lead belongs to; `size` is the vendor's own wording."""

    name: str | None = None
    industry: str | None = None
    size: str | None = None


class EmailAddress(Personal):
    """An address as typed and as sent; `address` and `key` are absent when it is not valid.

    `address` has its domain in lower case and as an A-label, the local part untouched;
    `key` is case-folded and serves matching only.
    """

    raw: str
    address: str | None = None
    key: str | None = None


class PhoneValidity(StrEnum):
    """What is known about a phone number's text."""

    VALID = "valid"
    PREMIUM = "premium"
    NO_REGION = "no_region"
    INVALID = "invalid"
    NOT_A_PHONE = "not_a_phone"
    TWO_NUMBERS = "two_numbers"
    SPREADSHEET_NUMBER = "spreadsheet_number"


class PhoneNumber(Personal):
    """A number as typed and, where it is valid, in E.164 with its extension kept apart.

    `region` is the ISO 3166 country the number belongs to, or was declared to be read in.
    """

    raw: str
    e164: str | None = None
    extension: str | None = None
    region: str | None = None
    validity: PhoneValidity = PhoneValidity.INVALID


class Coded(Value, Generic[Code]):
    """A coded value as two values: the canonical one and the vendor's own word for it."""

    value: Code
    native: str | None = None


# pickle finds them because they are made at module level, which is when pydantic names them here.
CodedStatus = Coded[LeadStatus]
CodedSource = Coded[LeadSource]
CodedCapture = Coded[CaptureMethod]


class Stage(Parts):
    """A vendor's own pipeline position."""

    pipeline_id: str | None = None
    id: str | None = None
    slug: str | None = None
    name: str | None = None


class Owner(Personal):
    """The person or agent in charge; ids differ per vendor."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    role: str | None = None


class Money(Value):
    """An amount in units of `currency` (ISO 4217), or of a currency nobody stated."""

    amount: Decimal
    currency: str | None = None


class Qualification(Personal, Parts):
    """What a qualifying conversation found out."""

    pain_points: str | None = None
    timeline: str | None = None
    budget_range: str | None = None
    reasoning: str | None = None
    completed_at: Instant | None = None


class Issue(Value):
    """Something that reading could not make sense of; the text itself stays in `raw`."""

    path: str
    code: str
    detail: str = ""

    @staticmethod
    @lru_cache(maxsize=1024)
    def of(path: str, code: str, detail: str = "") -> Issue:
        """Return the issue; leads share the few that there are."""
        return Issue(path=path, code=code, detail=detail)


class Loss(Value):
    """A value that does not arrive as it left: which one, how badly, and why."""

    path: str
    fidelity: Fidelity
    reason: str
    detail: str = Field(default="", description="Limits, units, places; never the value itself.")

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(path: str, fidelity: Fidelity, reason: str, detail: str = "") -> Loss:
        """Return the loss; moves meet the same few again and again, and share them."""
        return Loss(path=path, fidelity=fidelity, reason=reason, detail=detail)

    def __str__(self) -> str:
        return f"{self.path}: {self.fidelity}, {self.reason}" + (
            f" ({self.detail})" if self.detail else ""
        )
