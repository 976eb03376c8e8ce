"""One canonical Lead behind one plugin contract, and nothing lost in silence on the way."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as in typing, whose import would take longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from leadgateway import errors, normalize
    from leadgateway.adapter import Adapter, LeadQuery, Outcome, Page, Receipt
    from leadgateway.aio import AsyncConnection, AsyncGateway, aconnect
    from leadgateway.capabilities import Capabilities, Operation
    from leadgateway.gateway import Connection, Gateway, connect, fidelity
    from leadgateway.hookspecs import hookimpl
    from leadgateway.lead import Lead
    from leadgateway.mapping import FidelityReport, Policy
    from leadgateway.plugins import Plugins
    from leadgateway.session import Preview
    from leadgateway.settings import Settings
    from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus
    from leadgateway.values import (
        Coded,
        Company,
        EmailAddress,
        ExternalRef,
        Issue,
        Loss,
        Money,
        Owner,
        PersonName,
        PhoneNumber,
        Qualification,
        Stage,
    )

__all__ = [
    "Adapter",
    "AsyncConnection",
    "AsyncGateway",
    "Capabilities",
    "CaptureMethod",
    "Coded",
    "Company",
    "Connection",
    "EmailAddress",
    "ExternalRef",
    "Fidelity",
    "FidelityReport",
    "Gateway",
    "Issue",
    "Lead",
    "LeadQuery",
    "LeadSource",
    "LeadStatus",
    "Loss",
    "Money",
    "Operation",
    "Outcome",
    "Owner",
    "Page",
    "PersonName",
    "PhoneNumber",
    "Plugins",
    "Policy",
    "Preview",
    "Qualification",
    "Receipt",
    "Settings",
    "Stage",
    "aconnect",
    "connect",
    "errors",
    "fidelity",
    "hookimpl",
    "normalize",
]

__version__ = "0.1.0"

_HOMES = {
    "Adapter": "adapter",
    "AsyncConnection": "aio",
    "AsyncGateway": "aio",
    "Capabilities": "capabilities",
    "CaptureMethod": "taxonomy",
    "Coded": "values",
    "Company": "values",
    "Connection": "gateway",
    "EmailAddress": "values",
    "ExternalRef": "values",
    "Fidelity": "taxonomy",
    "FidelityReport": "mapping",
    "Gateway": "gateway",
    "Issue": "values",
    "Lead": "lead",
    "LeadQuery": "adapter",
    "LeadSource": "taxonomy",
    "LeadStatus": "taxonomy",
    "Loss": "values",
    "Money": "values",
    "Operation": "capabilities",
    "Outcome": "adapter",
    "Owner": "values",
    "Page": "adapter",
    "PersonName": "values",
    "PhoneNumber": "values",
    "Plugins": "plugins",
    "Policy": "mapping",
    "Preview": "session",
    "Qualification": "values",
    "Receipt": "adapter",
    "Settings": "settings",
    "Stage": "values",
    "aconnect": "aio",
    "connect": "gateway",
    "fidelity": "gateway",
    "hookimpl": "hookspecs",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"leadgateway.{_HOMES[name]}"), name)
    if name in __all__:
        return import_module(f"leadgateway.{name}")
    raise AttributeError(f"module 'leadgateway' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
