"""Losses that were met before are judged and written as they were the first time."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import FidelityError
from leadgateway.mapping import LENIENT, STRICT, Policy
from leadgateway.taxonomy import Fidelity
from leadgateway.transfer import acceptance
from leadgateway.transfer.acceptance import Acceptance
from leadgateway.transfer.encode import losses_text
from leadgateway.values import Loss

POLICIES = st.sampled_from([STRICT, LENIENT, Policy(accept=("notes", "company"))])
LOSSES = st.builds(
    Loss,
    path=st.sampled_from(["notes", "company.name", "intent"]),
    fidelity=st.sampled_from(Fidelity),
    reason=st.sampled_from(["too_long", "no_such_field"]),
    detail=st.sampled_from(["", "ü"]),
)


def judged(policy, losses):
    try:
        policy.check(losses)
    except FidelityError as error:
        return error.losses
    return losses_text(losses)


def accepted(known, losses):
    try:
        return known.text(losses)
    except FidelityError as error:
        return error.losses


@given(POLICIES, st.lists(LOSSES, max_size=4), st.data())
def test_losses_are_judged_the_same_however_often_they_are_met(policy, few, data):
    known = Acceptance(policy)
    lists = st.lists(st.sampled_from(few), max_size=5) if few else st.just([])
    for losses in data.draw(st.lists(lists.map(tuple), max_size=8)):
        assert accepted(known, losses) == judged(policy, losses)


def test_no_loss_takes_the_place_of_one_that_is_gone(monkeypatch):
    monkeypatch.setattr(acceptance, "_MOST", 10)
    known = Acceptance(LENIENT)
    for number in range(1000):
        loss = Loss(path=f"custom.{number}", fidelity=Fidelity.DROPPED, reason="unknown")
        assert f'"custom.{number}"' in known.text((loss,))
        del loss
        gc.collect(0)


def test_what_is_refused_is_refused_again():
    known, lost = Acceptance(STRICT), Loss.of("notes", Fidelity.DROPPED, "no_such_field")
    for _ in range(2):
        with pytest.raises(FidelityError, match="notes"):
            known.text((lost,))
