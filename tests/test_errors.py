"""Every error survives a copy and a pickle: a worker process hands it to the one that waits."""

import copy
import pickle
from datetime import UTC, datetime
from multiprocessing import get_context

import pytest

from leadgateway import errors
from leadgateway.values import Loss

LOSSES = [Loss.of("notes", "dropped", "no_such_field"), Loss.of("tags", "narrowed", "too_long")]
TOLD = {"vendor": "acme", "status": 422, "request_id": "r-1"}
MADE = [
    errors.LeadGatewayError("root"),
    errors.ConfigError("token: missing."),
    errors.PluginError("plugin 'x' of y: broken"),
    errors.Unsupported("acme", "filter status", "filters: none"),
    errors.MappingError("notes", "too_long", "hint"),
    errors.NormalizationError("phones", "no_region"),
    errors.FidelityError(LOSSES),
    errors.VendorError("no", **TOLD),
    errors.AuthError("no", **TOLD),
    errors.Rejected("no", fields={"email": "taken"}, **TOLD),
    errors.NotFound("no", **TOLD),
    errors.RateLimited("no", retry_at=datetime(2026, 3, 1, tzinfo=UTC), **TOLD),
    errors.Unavailable("no", **TOLD),
    errors.OutcomeUnknown("nobody knows", **TOLD),
    errors.BadResponse("no", **TOLD),
    errors.UnsafeURL("http://elsewhere"),
    errors.CursorError("twice"),
    errors.Paused(datetime(2026, 3, 1, tzinfo=UTC), "the quota is used up"),
    errors.JournalError("read-only"),
    errors.JobLocked("job", pid=7, host="h", age=2.0, wanted="other"),
]


def family(kind):
    return {kind}.union(*map(family, kind.__subclasses__()))


def test_every_error_is_here():
    ours = {kind for kind in family(errors.LeadGatewayError) if kind.__module__ == errors.__name__}
    assert {type(error) for error in MADE} == ours


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy]
    + [
        lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol))  # noqa: S301  # our own
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ],
)
@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_survives(error, copied):
    again = copied(error)
    assert type(again) is type(error)
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))


def refuse(number):
    raise errors.FidelityError(LOSSES[:number])


def test_a_worker_process_raises_it_where_it_is_waited_for():
    with get_context("spawn").Pool(1) as pool, pytest.raises(errors.FidelityError) as caught:
        pool.apply_async(refuse, (2,)).get(timeout=60)
    assert caught.value.losses == tuple(LOSSES)
