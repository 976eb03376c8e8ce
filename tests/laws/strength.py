"""How hard the laws are tried; `LEADGATEWAY_LAW_EXAMPLES=5000` searches for a night."""

from __future__ import annotations

import os

from hypothesis import settings

law = settings(max_examples=int(os.environ.get("LEADGATEWAY_LAW_EXAMPLES", "40")), deadline=None)
