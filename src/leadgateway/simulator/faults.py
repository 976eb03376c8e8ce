"""Faults on request: statuses, odd headers and bodies, delays and broken connections."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadgateway.simulator import checks
from leadgateway.simulator.messages import Answer, Row


@dataclass(slots=True)
class Fault:
    """What goes wrong, for which calls, and how often; the defaults break the next call once.

    `after=False` answers instead of executing, `after=True` executes and then spoils the answer.
    """

    method: str | None = None
    path: str | None = None
    """A route's template or a literal path; None is any path."""
    times: int | None = 1
    """How many calls are hit; None is every one from now on."""
    skip: int = 0
    """How many matching calls pass before the first hit."""
    every: int = 1
    """From the first hit on, each so-many-th matching call is hit."""
    after: bool = False
    status: int | None = None
    """Without a status the real answer's is kept, which needs `after`."""
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    raw: str | None = None
    """Written to the connection as it is, which is then closed; "" just closes it."""
    delay: float = 0.0
    """Seconds to wait before anything is answered."""
    seen: int = 0
    hit: int = 0

    @classmethod
    def read(cls, row: Row) -> Fault:
        """A fault from the JSON of `POST /_simulator/faults`; ValueError says what is wrong."""
        wrong = checks.problems(row, _FIELDS)
        if wrong:
            raise ValueError("; ".join(wrong))
        return cls(**row)

    def strikes(self, method: str, template: str, path: str) -> bool:
        """Count this call; True when it is one to spoil."""
        if self.method not in (None, method) or self.path not in (None, template, path):
            return False
        if self.times is not None and self.hit >= self.times:
            return False
        turn = self.seen - self.skip
        self.seen += 1
        if turn < 0 or turn % self.every:
            return False
        self.hit += 1
        return True

    def spoil(self, real: Answer | None) -> Answer:
        """The answer that is given; real is None when the call was not executed."""
        base = real or Answer(500)
        replaced = {name.lower() for name in self.headers}
        kept = tuple(pair for pair in base.headers if pair[0].lower() not in replaced)
        return Answer(
            self.status or base.status,
            base.body if self.body is None else self.body.encode(),
            kept + tuple(self.headers.items()),
        )


_FIELDS = {
    "method": checks.text(),
    "path": checks.text(),
    "times": checks.nullable(checks.integer(1)),
    "skip": checks.integer(0),
    "every": checks.integer(1),
    "after": checks.flag,
    "status": checks.integer(200, 599),
    "headers": checks.scalars,
    "body": checks.text(),
    "raw": checks.text(),
    "delay": lambda value: None if isinstance(value, (int, float)) and value >= 0 else "is wrong",
}


class Faults:
    """The faults in force, in the order they were asked for; the first that strikes wins."""

    def __init__(self) -> None:
        self._asked: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._asked.append(fault)

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._asked.clear()

    def strike(self, method: str, template: str, path: str) -> Fault | None:
        """The fault that spoils this call."""
        return next((fault for fault in self._asked if fault.strikes(method, template, path)), None)
