"""What running a flow asks of a driver, and the two clocks it reads."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

from leadgateway.exchange import Request, Response

T = TypeVar("T")


class Clock(Protocol):
    """The two times that matter: the calendar's, and one that never jumps."""

    def now(self) -> datetime:
        """Return the aware time of day."""

    def monotonic(self) -> float:
        """Return seconds since some moment."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request; answered with its `Response`, or with `Interrupted` thrown in."""

    request: Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Let so many seconds pass; answered with `None`."""

    seconds: float


@dataclass(frozen=True, slots=True, repr=False)
class NeedToken:
    """Name the token; `refused` is one the vendor no longer takes: renew it if that is possible.

    Answered with the token, which is still the refused one where nothing can renew it.
    """

    refused: str | None = None

    @property
    def renew(self) -> bool:
        """Tell whether a new token is wanted."""
        return self.refused is not None

    def __repr__(self) -> str:
        return f"NeedToken(renew={self.renew})"


Step: TypeAlias = Send | Wait | NeedToken
Answer: TypeAlias = Response | str | None
Steps: TypeAlias = Generator[Step, Answer, T]
