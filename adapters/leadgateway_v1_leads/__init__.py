"""The v1 leads API for leadgateway: the adapter and its simulator, imported when used."""

from __future__ import annotations

from collections.abc import Mapping

from leadgateway.hookspecs import hookimpl


@hookimpl
def leadgateway_adapters() -> Mapping[str, str]:
    """Offer the adapter."""
    return {"v1_leads": "leadgateway_v1_leads.adapter:V1Leads"}


@hookimpl
def leadgateway_simulators() -> Mapping[str, str]:
    """Offer the simulator."""
    return {"v1_leads": "leadgateway_v1_leads.simulator:V1LeadsSimulator"}
