"""What a connection to MEGA needs."""

from __future__ import annotations

from typing import Literal, Self
from uuid import UUID

from pydantic import model_validator

from leadgateway.errors import ConfigError
from leadgateway.mapping import check_uuids
from leadgateway.settings import Settings
from leadgateway_mega.rules import PLATFORMS, TYPES


class MegaSettings(Settings):
    """A personal access token that MEGA's staff issues, and the one customer it is locked to.

    `on_duplicate` holds for batches: `update` merges into a lead with the same e-mail or the same
    last ten digits, `skip` leaves it untouched. A single create always merges, so it is refused
    under `skip`.
    """

    base_url: str = "https://app.gomega.ai"
    customer_id: UUID
    on_duplicate: Literal["update", "skip"] = "update"

    @model_validator(mode="after")
    def _check_words_to_write(self) -> Self:
        # Both vocabularies are closed on create, although what is read is free text (seed 001).
        asked = (
            ("fallback_source", [self.fallback_source], PLATFORMS),
            ("source_out", self.source_out.values(), PLATFORMS),
            ("fallback_capture", [self.fallback_capture], TYPES),
            ("capture_out", self.capture_out.values(), TYPES),
        )
        for setting, words, vocabulary in asked:
            if any(word is not None and word not in vocabulary for word in words):
                raise ConfigError(f"{setting}: MEGA takes only {', '.join(vocabulary)}.")
        check_uuids("owner_map", self.owner_map.values())
        return self
