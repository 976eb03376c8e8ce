"""How hard the laws are tried; `LEADGATEWAY_LAW_EXAMPLES=5000` searches for a night."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

law = settings(
    max_examples=int(os.environ.get("LEADGATEWAY_LAW_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine breaks no law
)
