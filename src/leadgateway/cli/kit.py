"""The simulators' server, which an extra brings."""

from __future__ import annotations

from types import ModuleType

from leadgateway.errors import ConfigError


def serving() -> ModuleType:
    """Return `leadgateway.simulator.serve`; ConfigError where its extra is not installed."""
    try:
        from leadgateway.simulator import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "leadgateway":
            raise
        raise ConfigError(
            f"simulators need {error.name}: pip install 'leadgateway[simulator]'"
        ) from None
    return serve
