"""Every Lead survives JSON as it was: what is unknown, every digit, every type."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.json_values import JSON_VALUES, TEXTS
from tests.laws.leads import LEADS
from tests.laws.oracle import identical
from tests.laws.strength import law

from leadgateway import Lead
from leadgateway.exchange import dumps, loads
from leadgateway.transfer.encode import payload_of


@law
@given(LEADS, st.sampled_from([Lead.model_dump_json, payload_of]))
def test_a_lead_survives_json(lead: Lead, written: Callable[[Lead], str]) -> None:
    again = Lead.model_validate_json(written(lead))
    assert again == lead
    assert again.model_fields_set == lead.model_fields_set
    for field in ("company", "stage", "qualification"):
        one, other = getattr(lead, field), getattr(again, field)
        assert one is None or one.model_fields_set == other.model_fields_set
    for field in ("raw", "custom", "attribution"):
        assert identical(getattr(lead, field), getattr(again, field))
    assert again.model_dump_json() == lead.model_dump_json()


def test_the_journal_has_one_text_for_a_lead_in_every_process() -> None:
    program = (
        "from leadgateway import Lead; from leadgateway.transfer.encode import payload_of;"
        "lead = Lead(name='Ana Souza', notes='x', tags=('b',), company={'name': 'x', 'size': '9'},"
        " stage={'id': '1', 'slug': 'new'}, custom={'a': 1}); print(payload_of(lead))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "123456"
    }
    assert len(told) == 1


@law
@given(LEADS)
def test_a_lead_survives_as_python_values(lead: Lead) -> None:
    assert Lead.model_validate(lead.model_dump()) == lead


@law
@given(st.dictionaries(TEXTS, JSON_VALUES, max_size=4))
def test_a_payload_is_written_again_byte_for_byte(payload: dict[str, object]) -> None:
    sent = dumps(payload)
    lead = Lead(raw=loads(sent))
    assert dumps(lead.raw) == sent
    assert dumps(Lead.model_validate_json(lead.model_dump_json()).raw) == sent


@pytest.mark.parametrize(
    "value", [2**70, Decimal("1.50"), {"$number": "1"}, {"$$number": "x"}, "$", 1e-7]
)
def test_what_is_hard_to_write_survives_in_the_journal(value: object) -> None:
    lead = Lead(raw={"key": value})
    assert identical(Lead.model_validate_json(payload_of(lead)).raw, lead.raw)
