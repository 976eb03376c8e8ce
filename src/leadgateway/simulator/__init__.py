"""The vendor-simulator kit: what a simulator is built from. Serving it: `simulator.serve`."""

from leadgateway.simulator import checks, cursors
from leadgateway.simulator.checks import Check, problems
from leadgateway.simulator.identity import hex_from, number_from, pick, uuid_from
from leadgateway.simulator.instants import in_millis, in_seconds, read_instant, utc_now
from leadgateway.simulator.messages import Answer, Call, Refusal, Row, whole_number
from leadgateway.simulator.people import Person, people
from leadgateway.simulator.rates import Burst, Reading, Window
from leadgateway.simulator.replays import KeyReused
from leadgateway.simulator.routing import Route
from leadgateway.simulator.simulator import Simulator
from leadgateway.simulator.store import Position, Predicate, Slice, SortKey, Store
from leadgateway.simulator.tenants import Access, Tenant

__all__ = [
    "Access",
    "Answer",
    "Burst",
    "Call",
    "Check",
    "KeyReused",
    "Person",
    "Position",
    "Predicate",
    "Reading",
    "Refusal",
    "Route",
    "Row",
    "Simulator",
    "Slice",
    "SortKey",
    "Store",
    "Tenant",
    "Window",
    "checks",
    "cursors",
    "hex_from",
    "in_millis",
    "in_seconds",
    "number_from",
    "people",
    "pick",
    "problems",
    "read_instant",
    "utc_now",
    "uuid_from",
    "whole_number",
]
