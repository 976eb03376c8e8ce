"""Novala for leadgateway: the adapter and its simulator, imported when they are used."""

from __future__ import annotations

from collections.abc import Mapping

from leadgateway.hookspecs import hookimpl


@hookimpl
def leadgateway_adapters() -> Mapping[str, str]:
    """Offer the adapter."""
    return {"novala": "leadgateway_novala.adapter:Novala"}


@hookimpl
def leadgateway_simulators() -> Mapping[str, str]:
    """Offer the simulator."""
    return {"novala": "leadgateway_novala.simulator:NovalaSimulator"}
