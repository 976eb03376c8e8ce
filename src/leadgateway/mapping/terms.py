"""What one connection says about its own dialect: region, maps, fallbacks, relocations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator

from leadgateway.errors import ConfigError, NormalizationError
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus

Words: TypeAlias = Mapping[str, str]


class Terms(BaseModel):
    """Per-connection mapping options; every map adds to, and wins over, the adapter's own table.

    `*_map` reads: native word to canonical value. `*_out` writes: canonical value to the one
    preferred native word. `fallback_*` is the native word for a value that a closed vocabulary
    cannot hold. `relocate` says where a value goes that would be narrowed or dropped:
    `"custom:SLUG"`, `"tag"` or `"notes"`. `stage_map` and `owner_map` translate other systems'
    stages and owners (by id, e-mail or name) into this vendor's. `custom_map` renames custom
    fields (ours to theirs). `marker` is a custom field of the vendor that holds where a moved lead
    came from, so that a doubtful write can be found again. `name_placeholder` fills a name part
    that the vendor demands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    region: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    zone: str | None = None
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    source_map: Mapping[str, LeadSource] = Field(default_factory=dict)
    source_out: Mapping[LeadSource, str] = Field(default_factory=dict)
    fallback_source: str | None = None
    status_map: Mapping[str, LeadStatus] = Field(default_factory=dict)
    status_out: Mapping[LeadStatus, str] = Field(default_factory=dict)
    fallback_status: str | None = None
    capture_map: Mapping[str, CaptureMethod] = Field(default_factory=dict)
    capture_out: Mapping[CaptureMethod, str] = Field(default_factory=dict)
    fallback_capture: str | None = None
    stage_map: Words = Field(default_factory=dict)
    owner_map: Words = Field(default_factory=dict, repr=False)
    custom_map: Words = Field(default_factory=dict)
    relocate: Words = Field(default_factory=dict)
    marker: str | None = Field(default=None, min_length=1)
    name_placeholder: str | None = Field(default=None, min_length=1)

    @field_validator("region")
    @classmethod
    def _check_region(cls, region: str | None) -> str | None:
        if region is not None:
            check_region(region)
        return region

    @field_validator("zone")
    @classmethod
    def _check_zone(cls, zone: str | None) -> str | None:
        from leadgateway.normalize.instant import zone_named

        try:
            return zone if zone is None else zone_named(zone).key
        except NormalizationError:
            raise ConfigError(
                "zone: name one of the IANA time zones, such as America/Sao_Paulo."
            ) from None

    @field_validator("custom_map")
    @classmethod
    def _check_that_nothing_is_merged(cls, names: Words) -> Words:
        if len(set(names.values())) < len(names):
            raise ConfigError("custom_map: two names cannot become one custom field.")
        return names

    def setting(self, name: str) -> str | None:
        """Return a setting of the adapter's own by name, or `None`."""
        found: str | None = getattr(self, name, None)
        return found


def check_region(region: str) -> None:
    """Raise `ConfigError` unless it is a country whose phone numbers can be read."""
    from leadgateway.normalize.dialling import known_regions

    if region not in known_regions():
        raise ConfigError("region: name a country by two capital letters (ISO 3166), such as BR.")
