"""An assembled value is the one that pydantic would have made."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import ValidationError

from leadgateway.normalize.assembly import assembled
from leadgateway.values import EmailAddress, PhoneNumber, PhoneValidity

PARTS = {
    "raw": "030 123456",
    "e164": "+4930123456",
    "extension": None,
    "region": "DE",
    "validity": PhoneValidity.VALID,
}


def test_an_assembled_value_has_the_whole_state_of_a_validated_one() -> None:
    made, validated = assembled(PhoneNumber, dict(PARTS)), PhoneNumber.model_validate(PARTS)
    assert made.__getstate__() == validated.__getstate__()
    assert list(made.__dict__) == list(PhoneNumber.model_fields) == list(validated.__dict__)
    assert (made, hash(made), repr(made)) == (validated, hash(validated), repr(validated))
    assert made.model_dump_json() == validated.model_dump_json()


def test_an_assembled_value_lives_on_like_any_other() -> None:
    parts = {"raw": "A@b.com", "address": "A@b.com", "key": "a@b.com"}
    made = assembled(EmailAddress, dict(parts))
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # our own
    assert made.model_copy(update={"key": None}) == EmailAddress(**{**parts, "key": None})
    with pytest.raises(ValidationError, match="frozen"):
        made.key = "b@b.com"  # type: ignore[misc]  # what a caller must not do
