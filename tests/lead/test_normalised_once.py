"""What a lead was read from is made canonical once: neither its JSON nor a write does it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.laws.invented_tables import HARBOUR, SUMMIT

from leadgateway import Lead
from leadgateway.mapping import Terms, Use
from leadgateway.normalize import tolerant
from leadgateway.transfer.encode import payload_of, unstaged

NAME, ADDRESS, NUMBER = "Ada King", "Ada@Example.org", "+49 (30) 123456"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that was made canonical, in order."""
    texts: list[str] = []

    def noting(normalizer: Callable[..., Any]) -> Callable[..., Any]:
        def noted(text: str, *rest: Any) -> Any:
            texts.append(text)
            return normalizer(text, *rest)

        return noted

    for name in ("strict_name", "strict_email", "strict_phone"):
        monkeypatch.setattr(tolerant, name, noting(getattr(tolerant, name)))
    return texts


def test_a_record_on_its_way_through_the_journal_to_the_target_is_read_once(
    read: list[str],
) -> None:
    record = {"id": "7", "title": NAME, "email": ADDRESS, "phone": NUMBER}
    lead = SUMMIT.read(record, Terms(region="DE"))
    kept = unstaged(payload_of(lead))
    HARBOUR.write(kept, Use.CREATE, Terms(region="DE"))
    assert kept == lead
    assert sorted(read) == sorted([NAME, ADDRESS, NUMBER])


def test_plain_input_is_read_once_and_never_from_the_leads_own_json(read: list[str]) -> None:
    lead = Lead.model_validate({"name": NAME, "email": ADDRESS, "phones": ["+4930123456", NUMBER]})
    assert read == [NAME, ADDRESS, "+4930123456", NUMBER]
    assert Lead.model_validate_json(lead.model_dump_json()) == lead
    assert Lead.model_validate(lead.model_dump()) == lead
    assert lead.model_copy(update={"notes": ""}).emails == lead.emails
    assert len(read) == 4
