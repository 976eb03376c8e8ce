"""The canonical Lead: what every vendor's record becomes, with nothing thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from leadgateway.frozen import FrozenDict, freeze, from_portable, to_portable
from leadgateway.normalize import tolerant
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway.values import (
    CodedCapture,
    CodedSource,
    CodedStatus,
    Company,
    EmailAddress,
    ExternalRef,
    Instant,
    Issue,
    Money,
    Owner,
    PersonName,
    PhoneNumber,
    Qualification,
    Stage,
    part_by_part,
)


def _payload(values: Any, info: ValidationInfo) -> Any:
    frozen = from_portable(values) if info.mode == "json" else freeze(values)
    if not isinstance(frozen, FrozenDict):
        raise ValueError("a mapping is wanted")  # noqa: TRY004  # pydantic collects ValueError only
    return frozen


def _scalars(values: Any, info: ValidationInfo) -> Any:
    frozen = _payload(values, info)
    if not are_custom_values(frozen.values()):
        raise ValueError("a custom value is a scalar or a list of text")
    return frozen


_ALWAYS_CUSTOM = frozenset({str, int, bool, type(None)})


def is_custom_value(value: Any) -> bool:
    """Whether `value` may stand in `Lead.custom`: a finite scalar, null, or a list of text."""
    if type(value) in _ALWAYS_CUSTOM:
        return True
    if isinstance(value, tuple):
        return all(isinstance(item, str) for item in value)
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite()
    return value is None or isinstance(value, str | int)


def are_custom_values(values: Iterable[Any]) -> bool:
    """Whether each of `values` may stand in `Lead.custom`."""
    odd = [value for value in values if type(value) not in _ALWAYS_CUSTOM]
    return all(map(is_custom_value, odd))


def _distinct(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def _coded(value: Any) -> Any:
    return {"value": value} if isinstance(value, str) else value


AsMapping: TypeAlias = Mapping[str, Any]
_WORDS = {"status": LeadStatus, "source": LeadSource, "capture": CaptureMethod}
_TEXT = {"type": "string"}
_CUSTOM = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": _TEXT},
        {"type": "object", "properties": {"$number": _TEXT}, "required": ["$number"]},
    ]
}
"""A value of `custom` in JSON; the last is a Decimal, as `to_portable` tags it."""
_portable = PlainSerializer(to_portable, when_used="json")
Scalars = Annotated[
    Any,
    BeforeValidator(_scalars),
    _portable,
    WithJsonSchema({"type": "object", "additionalProperties": _CUSTOM}),
]
Payload = Annotated[Any, BeforeValidator(_payload), _portable, WithJsonSchema({"type": "object"})]


class Lead(BaseModel):
    """One lead in canonical form; immutable.

    A field that was never given is unknown and is left alone; `None` is known to be empty and is
    cleared where the vendor can; `""` is text. Plain input is welcome: `name`, `email`, `phone`,
    `company`, `status`, `source` and `capture` may be given as text. What cannot be made sense of
    is kept as typed and named in `issues`; it is never an exception. `repr` shows which fields are
    known and no personal data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    ref: ExternalRef | None = None
    name: PersonName | None = None
    company: Company | None = None
    emails: tuple[EmailAddress, ...] | None = None
    phones: tuple[PhoneNumber, ...] | None = None
    status: Annotated[CodedStatus | None, BeforeValidator(_coded)] = None
    stage: Stage | None = None
    source: Annotated[CodedSource | None, BeforeValidator(_coded)] = None
    capture: Annotated[CodedCapture | None, BeforeValidator(_coded)] = None
    score: Annotated[StrictInt, Field(ge=0, le=100)] | None = None
    qualified: StrictBool | None = None
    owner: Owner | None = None
    tags: Annotated[tuple[str, ...], AfterValidator(_distinct)] | None = None
    value: Money | None = None
    intent: str | None = None
    notes: str | None = None
    line: str | None = None
    attribution: Scalars | None = None
    qualification: Qualification | None = None
    custom: Scalars | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
    last_interaction_at: Instant | None = None
    interaction_count: StrictInt | None = None
    raw: Payload = FrozenDict()
    issues: tuple[Issue, ...] = ()

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            ref: ExternalRef | AsMapping | None = ...,
            name: PersonName | AsMapping | str | None = ...,
            company: Company | AsMapping | str | None = ...,
            email: EmailAddress | AsMapping | str | None = ...,
            emails: Iterable[EmailAddress | AsMapping | str] | None = ...,
            phone: PhoneNumber | AsMapping | str | None = ...,
            phones: Iterable[PhoneNumber | AsMapping | str] | None = ...,
            status: CodedStatus | AsMapping | str | None = ...,
            stage: Stage | AsMapping | None = ...,
            source: CodedSource | AsMapping | str | None = ...,
            capture: CodedCapture | AsMapping | str | None = ...,
            score: int | None = ...,
            qualified: bool | None = ...,
            owner: Owner | AsMapping | None = ...,
            tags: Iterable[str] | None = ...,
            value: Money | AsMapping | None = ...,
            intent: str | None = ...,
            notes: str | None = ...,
            line: str | None = ...,
            attribution: AsMapping | None = ...,
            qualification: Qualification | AsMapping | None = ...,
            custom: AsMapping | None = ...,
            created_at: datetime | str | None = ...,
            updated_at: datetime | str | None = ...,
            last_interaction_at: datetime | str | None = ...,
            interaction_count: int | None = ...,
            raw: AsMapping = ...,
            issues: Iterable[Issue | AsMapping] = ...,
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _welcome_plain_input(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        fields = dict(data)
        issues: list[Issue] = []
        if isinstance(fields.get("name"), str):
            fields["name"] = tolerant.name(fields["name"], issues)
        if isinstance(fields.get("company"), str):
            fields["company"] = Company(name=fields["company"])
        _gather(fields, "email", "emails", lambda text: tolerant.email(text, issues))
        _gather(fields, "phone", "phones", lambda text: tolerant.phone(text, None, issues))
        if issues:
            fields["issues"] = (*(fields.get("issues") or ()), *issues)
        return fields

    @model_serializer(mode="wrap")
    def _leave_out_the_unknown(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        known = self.model_fields_set
        return {key: value for key, value in handler(self).items() if key in known}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = part_by_part(core, handler)
        if handler.mode == "validation":
            _say_plain_input(schema["properties"])
        return schema

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "ref", self.ref
        yield "knows", sorted(self.model_fields_set - {"ref", "raw", "issues"})
        yield "issues", self.issues

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Lead)
            and type(other) is type(self)
            and self.model_fields_set == other.model_fields_set
            and self.__dict__ == other.__dict__
        )

    def __hash__(self) -> int:
        return hash((self.ref, self.name, self.emails, self.phones))

    @property
    def email(self) -> EmailAddress | None:
        """The primary e-mail address."""
        return self.emails[0] if self.emails else None

    @property
    def phone(self) -> PhoneNumber | None:
        """The primary phone number."""
        return self.phones[0] if self.phones else None

    @property
    def match_keys(self) -> frozenset[str]:
        """What says that two leads are one: e-mail keys, and E.164 numbers with extension."""
        emails = [f"email:{email.key}" for email in self.emails or () if email.key]
        phones = [
            f"phone:{phone.e164}" + (f";ext={phone.extension}" if phone.extension else "")
            for phone in self.phones or ()
            if phone.e164
        ]
        return frozenset(emails + phones)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy in which the fields of `update` are given anew, as `Lead(...)` takes them.

        What it makes no sense of joins the issues. Where one e-mail or one phone is given it is
        the only one afterwards.
        """
        if not update:
            return super().model_copy(deep=deep)
        given = type(self).model_validate({**self._demanded(), **update})
        fields = {name: getattr(given, name) for name in given.model_fields_set}
        if "issues" in fields and "issues" not in update:
            fields["issues"] = (*self.issues, *fields["issues"])
        return super().model_copy(update=fields, deep=deep)

    def _demanded(self) -> dict[str, Any]:
        """Return what a class of leads takes none without; a Lead demands nothing."""
        fields = type(self).model_fields.items()
        return {name: getattr(self, name) for name, field in fields if field.is_required()}

    def knows(self, field: str) -> bool:
        """Whether `field` was given at all, be it as empty."""
        return field in self.model_fields_set


def _gather(fields: dict[str, Any], single: str, several: str, read: Any) -> None:
    if single in fields:
        if several in fields:
            raise ValueError(f"give {single!r} or {several!r}, not both")
        one = fields.pop(single)
        fields[several] = None if one is None else (one,)
    many = fields.get(several)
    if type(many) is tuple or (isinstance(many, Iterable) and not isinstance(many, str | Mapping)):
        fields[several] = tuple(read(item) if isinstance(item, str) else item for item in many)


def _say_plain_input(properties: dict[str, Any]) -> None:
    """Add to the JSON schema of a Lead's fields what else is welcome."""
    for field in ("name", "company"):
        properties[field]["anyOf"].append(_TEXT)
    for field, words in (
        ("status", LeadStatus),
        ("source", LeadSource),
        ("capture", CaptureMethod),
    ):
        properties[field]["anyOf"].append({"type": "string", "enum": list(words)})
    for single, several in (("email", "emails"), ("phone", "phones")):
        array, null = properties[several]["anyOf"]
        array["items"] = one = {"anyOf": [array["items"], _TEXT]}
        said = f"The only one of `{several}`; not beside it."
        properties[single] = {"anyOf": [*one["anyOf"], null], "description": said}
