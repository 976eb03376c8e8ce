"""Apollo Space for leadgateway: the adapter and its simulator, imported when they are used."""

from __future__ import annotations

from collections.abc import Mapping

from leadgateway.hookspecs import hookimpl


@hookimpl
def leadgateway_adapters() -> Mapping[str, str]:
    """Offer the adapter."""
    return {"apollo_space": "leadgateway_apollo_space.adapter:ApolloSpace"}


@hookimpl
def leadgateway_simulators() -> Mapping[str, str]:
    """Offer the simulator."""
    return {"apollo_space": "leadgateway_apollo_space.simulator:ApolloSpaceSimulator"}
