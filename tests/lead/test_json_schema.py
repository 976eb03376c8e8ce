"""The JSON schema of a Lead: what may be given, what is written, and no warning."""

import json
from typing import Any

import pytest
from pydantic import BaseModel
from tests.lead.test_pickles import LEAD

from leadgateway import Lead
from leadgateway.values import Company, Qualification, Stage


def schema(mode: Any) -> dict[str, Any]:
    found = Lead.model_json_schema(mode=mode)
    assert found["additionalProperties"] is False
    assert "required" not in found
    return found


def test_what_is_written_is_what_the_fields_hold() -> None:
    written = schema("serialization")
    assert set(written["properties"]) == set(Lead.model_fields)
    assert set(json.loads(LEAD.model_dump_json())) <= set(written["properties"])
    assert written["properties"]["custom"]["anyOf"][0]["type"] == "object"


def test_what_may_be_given_includes_plain_text() -> None:
    read = schema("validation")["properties"]
    assert set(read) == {*Lead.model_fields, "email", "phone"}
    for field in ("name", "company", "email", "phone"):
        assert {"type": "string"} in read[field]["anyOf"]
        Lead.model_validate_json(json.dumps({field: "x"}))
    for field in ("emails", "phones"):
        assert {"type": "string"} in read[field]["anyOf"][0]["items"]["anyOf"]
        Lead.model_validate_json(json.dumps({field: ["x"]}))
    for field in ("status", "source", "capture"):
        [words] = [each["enum"] for each in read[field]["anyOf"] if "enum" in each]
        for word in words:
            Lead.model_validate_json(json.dumps({field: word}))


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_what_was_not_given_is_unknown_and_not_null(mode: Any) -> None:
    found = schema(mode)
    parts = [found["$defs"][kind.__name__] for kind in (Company, Stage, Qualification)]
    for each in (found, *parts):
        assert each["properties"]
        assert None not in [part.get("default", ...) for part in each["properties"].values()]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_model_that_holds_leads_has_a_schema_too(mode: Any) -> None:
    class Body(BaseModel):
        lead: Lead
        others: list[Lead] = []

    found = Body.model_json_schema(mode=mode)
    assert found["properties"]["lead"] == {"$ref": "#/$defs/Lead"}
    assert set(found["$defs"]["Lead"]["properties"]) == set(schema(mode)["properties"])
