"""What dialled digits stand for, where phonenumbers would have no choice.

Each function returns `None` where it would, or where no plan takes the number.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

from leadgateway.normalize.phone_patterns import (
    ENTITY,
    NEVER,
    Plan,
    Reading,
    metadata_of,
    plan,
)

if TYPE_CHECKING:
    from phonenumbers.phonemetadata import PhoneNumberDesc

_LONGEST_CODE = 3


class Home(NamedTuple):
    """How people dial within one region, or within the main one of a calling code."""

    plan: Plan
    abroad: re.Pattern[str]
    prefix: re.Pattern[str]
    transform: str | None
    viable: re.Pattern[str]
    lengths: frozenset[int]

    def read(self, dialled: str) -> Reading | None:
        """Read digits as they are dialled here: to abroad, with the own code, or to home."""
        if abroad := self.abroad.match(dialled):
            return international(dialled[abroad.end() :])
        if dialled.startswith(self.plan.code):
            return self._read_own_code(dialled)
        return self.read_domestic(dialled)

    def read_domestic(self, dialled: str) -> Reading | None:
        """Read digits that may begin with the national prefix."""
        prefix = self.prefix.match(dialled)
        if not prefix or not prefix.end():
            return self.plan.read(dialled)
        if self.transform and prefix.groups()[-1] is not None:
            significant = self.prefix.sub(self.transform, dialled, count=1)
        else:
            significant = dialled[prefix.end() :]
        if len(significant) in self.lengths and self.viable.fullmatch(significant):
            return self.plan.read(significant)
        return None

    def _read_own_code(self, dialled: str) -> Reading | None:
        """Read digits that begin like the own code, which is not one where it makes a number."""
        if self.viable.fullmatch(dialled):
            return self.read_domestic(dialled) if len(dialled) <= max(self.lengths) else None
        significant = dialled[len(self.plan.code) :]
        prefix = self.prefix.match(significant)
        if (prefix and prefix.end()) or not self.viable.fullmatch(significant):
            return None
        return self.plan.read(significant)


def international(digits: str) -> Reading | None:
    """Read a calling code and the number after it, which may begin with its national prefix."""
    found = _plan_of(digits[:_LONGEST_CODE]) if len(digits) > _LONGEST_CODE else None
    if found is None:
        return None
    significant = digits[len(found.code) :]
    reading = found.read(significant)
    if reading is None and found.main_region != ENTITY:
        return home_in(found.main_region).read_domestic(significant)
    return reading


@cache
def known_regions() -> frozenset[str]:
    """Return the regions that phonenumbers knows."""
    from phonenumbers import SUPPORTED_REGIONS

    return frozenset(SUPPORTED_REGIONS)


@cache
def home_in(region: str) -> Home:
    """Return how people dial within a known region."""
    metadata = metadata_of(region, "")
    general = cast("PhoneNumberDesc", metadata.general_desc)
    return Home(
        plan(str(metadata.country_code)),
        re.compile(f"(?>{metadata.international_prefix or NEVER})(?!0)"),
        re.compile(metadata.national_prefix_for_parsing or NEVER),
        metadata.national_prefix_transform_rule,
        re.compile(general.national_number_pattern or NEVER),
        frozenset(general.possible_length).difference(general.possible_length_local_only),
    )


@cache
def _plan_of(beginning: str) -> Plan | None:
    """Return the plan of the calling code that `beginning` begins with."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    codes = (beginning[:length] for length in range(1, _LONGEST_CODE + 1))
    known = (code for code in codes if code[0] != "0" and int(code) in COUNTRY_CODE_TO_REGION_CODE)
    code = next(known, None)
    return None if code is None else plan(code)
