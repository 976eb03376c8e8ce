"""MEGA for leadgateway: the adapter and its simulator, imported when they are used."""

from __future__ import annotations

from collections.abc import Mapping

from leadgateway.hookspecs import hookimpl


@hookimpl
def leadgateway_adapters() -> Mapping[str, str]:
    """Offer the adapter."""
    return {"mega": "leadgateway_mega.adapter:Mega"}


@hookimpl
def leadgateway_simulators() -> Mapping[str, str]:
    """Offer the simulator."""
    return {"mega": "leadgateway_mega.simulator:MegaSimulator"}
