"""What a user asked `leadgateway migrate` for, and the commands that go on from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadgateway.cli.invocation import Invocation


@dataclass(frozen=True)
class Asked:
    """What the user asked for."""

    source: str
    target: str
    journal: str | None = None
    job: str | None = None
    dry_run: bool = False
    sample: int | None = None
    limit: int | None = None
    accept: tuple[str, ...] = ()
    lenient: bool = False
    concurrency: int = 8
    delta: bool = False
    new_config: bool = False
    allow_merge: bool = False
    no_verify: bool = False

    @property
    def most(self) -> int | None:
        """How many leads to take from the source."""
        bounds = [bound for bound in (self.sample, self.limit) if bound is not None]
        return min(bounds, default=None)

    def again(self, invocation: Invocation, refused: Sequence[str] = ()) -> str:
        """Return the command that does the same in earnest, with these losses accepted too."""
        accept = ",".join(sorted({*self.accept, *refused}))
        named = {
            "from": self.source,
            "to": self.target,
            "journal": self.journal,
            "job": self.job,
            "sample": self.sample,
            "limit": self.limit,
            "accept": accept or None,
            "concurrency": None if self.concurrency == Asked.concurrency else self.concurrency,
        }
        flags = ("lenient", "delta", "new_config", "allow_merge", "no_verify")
        words = ["migrate"]
        for name, value in named.items():
            words += [] if value is None else [f"--{name}", str(value)]
        words += [f"--{flag.replace('_', '-')}" for flag in flags if getattr(self, flag)]
        return invocation.command(*words)

    def delta_of_it(self, invocation: Invocation) -> str:
        """Return the command that moves what is new or changed at the source since."""
        later = replace(self, sample=None, limit=None, delta=True, new_config=False)
        return later.again(invocation)

    def about(self, invocation: Invocation, *words: str) -> str:
        """Return a command about the same journal."""
        return invocation.command(*words, *(["--journal", self.journal] if self.journal else []))
