"""Deterministic ids, secrets and choices: the same seed and words give the same value."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_VERSION_4 = 0x4 << 76 | 0x8 << 60  # RFC 9562
_FREE_BITS = (1 << 128) - 1 ^ 0xF << 76 ^ 0xC << 60


def _digest(words: tuple[object, ...], size: int) -> bytes:
    return blake2b("/".join(map(str, words)).encode(), digest_size=size).digest()


def uuid_from(*words: object) -> str:
    """A version 4 UUID that depends on nothing but the words."""
    bits = int.from_bytes(_digest(words, 16)) & _FREE_BITS | _VERSION_4
    found = f"{bits:032x}"
    return f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"


def hex_from(length: int, *words: object) -> str:
    """Lower-case hexadecimal text of this length (up to 128)."""
    return _digest(words, 64).hex()[:length]


def number_from(below: int, *words: object) -> int:
    """An integer from 0 up to, not including, `below`."""
    return int.from_bytes(_digest(words, 8)) % below


def pick(options: Sequence[T], *words: object) -> T:
    """One of the options, each about as likely as the next."""
    return options[number_from(len(options), *words)]
