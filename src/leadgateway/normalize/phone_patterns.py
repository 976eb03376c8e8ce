"""Numbering plans: one pattern for each calling code, made of what phonenumbers knows about it.

A number that a plan takes is one that phonenumbers finds valid and reads the same way; one that no
plan takes may be valid all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

from leadgateway.values import PhoneValidity

if TYPE_CHECKING:
    from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

NEVER = "(?!)"
ENTITY = "001"  # phonenumbers' region of numbers that belong to no country

LONGEST_E164 = len("+") + 15  # ITU-T E.164, 6.2.1; phonenumbers finds some longer ones valid

Reading = tuple[str, str | None, PhoneValidity]
"""A number in E.164, the country it belongs to, and whether it is a premium one."""


class Plan(NamedTuple):
    """The numbers of one calling code that are valid and begin with no national prefix."""

    code: str
    main_region: str
    numbers: re.Pattern[str]
    meanings: dict[str | None, tuple[str | None, PhoneValidity]]

    def read(self, significant: str) -> Reading | None:
        """Return what the digits after the calling code stand for, if the plan takes them."""
        found = self.numbers.match(significant)
        if found is None:
            return None
        region, validity = self.meanings[found.lastgroup]
        return f"+{self.code}{significant}", region, validity


@cache
def plan(code: str) -> Plan:
    """Return the plan of a calling code; compiling it takes milliseconds."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions = COUNTRY_CODE_TO_REGION_CODE[int(code)]
    unprefixed = _unprefixed(metadata_of(regions[0], code).national_prefix_for_parsing)
    numbers = "|".join(_numbers_by_region(regions, code))
    return Plan(
        code,
        regions[0],
        re.compile(f"{unprefixed}(?:{numbers})", re.ASCII),
        {
            f"{validity}_{region}": (None if region == ENTITY else region, validity)
            for region in regions
            for validity in (PhoneValidity.VALID, PhoneValidity.PREMIUM)
        },
    )


def metadata_of(region: str, code: str) -> PhoneMetadata:
    """Return what phonenumbers knows about a region or, of no country, about a calling code."""
    from phonenumbers import PhoneMetadata

    if region == ENTITY:
        return cast("PhoneMetadata", PhoneMetadata.metadata_for_nongeo_region(int(code)))
    return cast("PhoneMetadata", PhoneMetadata.metadata_for_region(region))


def _unprefixed(prefix: str | None) -> str:
    """Return a look-ahead for digits that `prefix` does not begin, or begins with none of them."""
    return rf"(?!(?>{prefix})(?!\A))" if prefix else ""


def _numbers_by_region(regions: tuple[str, ...], code: str) -> Iterator[str]:
    """Yield a pattern for each region; the first whose leading digits or types match owns it."""
    unowned = ""
    for region in regions:
        metadata = metadata_of(region, code)
        leading = metadata.leading_digits
        yield unowned + (f"(?={leading})" if leading else "") + _numbers(region, metadata)
        if leading:
            unowned += f"(?!{leading})"


def _numbers(region: str, metadata: PhoneMetadata) -> str:
    # Where both have one pattern, phonenumbers never looks at the lengths of mobile numbers.
    mobile = None if metadata.same_mobile_and_fixed_line_pattern else metadata.mobile
    ordinary = _any_of(
        *(mobile, metadata.fixed_line, metadata.toll_free, metadata.shared_cost, metadata.voip),
        *(metadata.personal_number, metadata.pager, metadata.uan, metadata.voicemail),
    )
    premium = _any_of(metadata.premium_rate)
    return (
        f"(?={_any_of(metadata.general_desc)})"
        f"(?:(?P<{PhoneValidity.PREMIUM}_{region}>{premium})"
        f"|(?P<{PhoneValidity.VALID}_{region}>{ordinary}))"
    )


def _any_of(*kinds: PhoneNumberDesc | None) -> str:
    patterns = dict.fromkeys(
        rf"{_of_length(kind.possible_length)}(?:{kind.national_number_pattern})\Z"
        for kind in kinds
        if kind is not None and kind.national_number_pattern
    )
    return f"(?:{'|'.join(patterns)})" if patterns else NEVER


def _of_length(lengths: tuple[int, ...]) -> str:
    """Return a look-ahead for digits as many as one of `lengths`; any number, where none is."""
    possible = "|".join(rf"\d{{{length}}}\Z" for length in lengths if length > 0)
    return f"(?={possible or NEVER})" if lengths else ""
