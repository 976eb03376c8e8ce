"""Reading and writing one value through a table of a single row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadgateway import Lead
from leadgateway.mapping import Draft, Rule, RuleSet, Terms, Use

EVERY_USE = frozenset(Use)


def table(*rules: Rule) -> RuleSet:
    """Return the table of an invented vendor with these rows."""
    return RuleSet("harbour", rules)


def wrote(
    rules: RuleSet,
    lead: Lead,
    use: Use = Use.CREATE,
    base: Mapping[str, Any] | None = None,
    **terms: Any,
) -> Draft:
    """Return the draft of `lead` under these terms."""
    return rules.write(lead, use, Terms(**terms), base)


def losses(draft: Draft) -> list[tuple[str, str, str]]:
    """Return path, class and reason of each loss."""
    return [(loss.path, str(loss.fidelity), loss.reason) for loss in draft.losses]
