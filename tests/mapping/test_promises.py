"""What two tables promise holds for the leads of every pair of vendors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from tests.laws.subjects import adapters, settings_of

from leadgateway.adapter import Adapter
from leadgateway.lead import Lead
from leadgateway.mapping import FieldFidelity, Use, compare_tables
from leadgateway.simulator.simulator import Simulator
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

SIMULATORS: dict[str, type[Simulator]] = {
    kind.vendor: kind
    for kind in (ApolloSpaceSimulator, MegaSimulator, NovalaSimulator, V1LeadsSimulator)
}
PAIRS = list(permutations(adapters(), 2))
NOTED = {
    "unread": "a list is dropped",
    "parts_joined": "parts become one text",
    "part_missing": "one token needs name_placeholder",
    "only_the_primary": "only the primary",
    "invalid_email": "an invalid address is dropped",
    "extension_dropped": "extension dropped",
    "extension_in_text": "extension in the text",
    **dict.fromkeys(
        ("no_region", "invalid", "not_a_phone", "two_numbers", "spreadsheet_number"),
        "not in E.164",
    ),
    "too_long": " beyond ",
    "no_such_word": "dropped, or the fallback",
    "fallback": "or the fallback",
    "one_word_for_two_axes": "share one word",
    "says_more": "a word may say more",
    "owner_unmapped": "needs owner_map",
    "stage_unmapped": "needs stage_map",
    "not_a_scalar": "a list is dropped",
}
"""The words by which a report names a loss that is worse than the class it gives the field."""


def seeded(kind: type[Adapter[Any]]) -> list[Lead]:
    settings = settings_of(kind)
    rows = SIMULATORS[kind.vendor](leads=400, seed=5).tenant.leads
    return [kind.rules.read(row, settings, "prod") for row in rows]


def is_promised(loss: Loss, rows: Sequence[FieldFidelity]) -> bool:
    """Whether one of the rows gives the loss its class, or names it among its notes."""
    return any(
        loss.fidelity.rank <= row.fidelity.rank
        or NOTED.get(loss.reason, "no such note") in "; ".join(row.notes)
        for row in rows
    )


@pytest.mark.parametrize("use", [Use.CREATE, Use.BULK])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].vendor}-{pair[1].vendor}")
def test_no_loss_is_worse_than_the_report_says_or_names(
    pair: tuple[type[Adapter[Any]], type[Adapter[Any]]], use: Use
) -> None:
    source, target = pair
    settings = settings_of(target)
    report = compare_tables(source.rules, target.rules, use=use, terms=settings)
    rows = {row.path: row for row in report.fields}
    table = replace(target.rules, needs=())
    for lead in seeded(source):
        for loss in table.write(lead, use, settings).losses:
            path = loss.path if loss.path in rows else loss.path.partition(".")[0]
            shared = table.by_path[path].paths if path in table.by_path else (path,)
            beside = [rows[one] for one in shared if one in rows]
            assert is_promised(loss, [rows[path]] if path in rows else beside), str(loss)


def row(source: str, target: str, path: str) -> FieldFidelity:
    tables = {kind.vendor: kind.rules for kind in adapters()}
    report = compare_tables(tables[source], tables[target])
    return next(row for row in report.fields if row.path == path)


def test_a_name_in_parts_is_joined_and_a_whole_one_goes_as_it_is() -> None:
    assert row("novala", "v1_leads", "name").fidelity is Fidelity.NORMALIZED
    assert row("mega", "v1_leads", "name").fidelity is Fidelity.EXACT


def test_a_source_in_a_shared_word_tells_what_has_none_and_that_it_is_demanded() -> None:
    found = row("v1_leads", "novala", "source")
    assert found.fidelity is Fidelity.NARROWED
    told = "; ".join(found.notes)
    assert "a value without a word is dropped, or the fallback" in told
    assert "no lead is created without source" in told
    assert "no word for direct, email_campaign" in told
    assert "website" not in told
    assert "no word for api" in "; ".join(row("novala", "mega", "capture").notes)


def test_what_is_too_long_to_be_a_number_is_dropped_and_never_cut() -> None:
    assert "dropped beyond 50 characters" in row("mega", "novala", "phones").notes
    assert "cut beyond 255 characters" in row("v1_leads", "novala", "company.name").notes
