"""Answers remembered under the caller's idempotency keys."""

from __future__ import annotations

from hashlib import blake2b

from leadgateway.simulator.messages import Answer


class KeyReused(Exception):
    """The key was used before with another body."""


class Replays:
    """First answers by endpoint and key; bodies are the same when their bytes are."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[bytes, Answer]] = {}

    def recall(self, endpoint: str, key: str, body: bytes) -> Answer | None:
        """The stored answer, None for a new key; KeyReused when the body differs."""
        kept = self._kept.get((endpoint, key))
        if kept is None:
            return None
        if kept[0] != _fingerprint(body):
            raise KeyReused
        return kept[1]

    def keep(self, endpoint: str, key: str, body: bytes, answer: Answer) -> None:
        """Remember the answer for as long as the simulator runs."""
        self._kept[endpoint, key] = (_fingerprint(body), answer)

    def clear(self) -> None:
        """Forget every key."""
        self._kept.clear()


def _fingerprint(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
