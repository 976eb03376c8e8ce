"""What `leadgateway migrate` does, step by step."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from leadgateway.aio import AsyncConnection
from leadgateway.cli.account import Account, Counting
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.signals import heeding
from leadgateway.errors import ConfigError
from leadgateway.mapping import Policy
from leadgateway.transfer import Halt, Halted, MigrationReport, migrate, scan


@dataclass(frozen=True)
class Asked:
    """What the user asked for."""

    source: str
    target: str
    dry_run: bool
    limit: int | None
    accept: tuple[str, ...]
    lenient: bool
    concurrency: int

    def again(self, invocation: Invocation, accept: Sequence[str]) -> str:
        """Return the command that goes on with these losses accepted."""
        config = ["--config", str(invocation.config)] if invocation.config else []
        limit = [] if self.limit is None else ["--limit", str(self.limit)]
        accepted = ["--accept", ",".join(accept)] if accept else []
        words = ["migrate", "--from", self.source, "--to", self.target, *limit, *accepted]
        return shlex.join(["leadgateway", *config, *words])


@dataclass
class Move:
    """One migration from the command line."""

    invocation: Invocation
    asked: Asked
    screen: Screen

    async def run(self) -> int:
        """Do what was asked and print the account; returns the exit code."""
        halt = Halt()

        def stop() -> None:
            self.screen.note(f"Stopping: writes in flight get {halt.patience:g} seconds to end.")
            halt.wish()

        gateway = self.invocation.async_gateway(halt.sleep)
        async with (
            gateway.connect(self.asked.source) as source,
            gateway.connect(self.asked.target) as target,
        ):
            _refuse_the_same(source, target)
            with heeding(stop) as heard:
                account = Account(self.screen, source, target, heard)
                try:
                    return await self._move(account, source, target, halt)
                except Halted as halted:
                    report = MigrationReport(source.name, target.name, stopped_by=halted)
                    return account.end(report)

    async def _move(
        self, account: Account, source: AsyncConnection, target: AsyncConnection, halt: Halt
    ) -> int:
        asked, screen, found = self.asked, self.screen, None
        policy = Policy(asked.accept, lenient=asked.lenient)
        if not asked.dry_run:
            target.opened.adapter.check_write()
        if asked.dry_run or not asked.lenient:
            with screen.progress("leads read", asked.limit) as advance:
                found = await halt.unless(scan(source, target, limit=asked.limit, progress=advance))
            account.plan(found)
            refused = found.refused(policy)
            again = asked.again(self.invocation, sorted({*asked.accept, *refused}))
            if asked.dry_run:
                return account.tried(found, refused, again)
            if refused:
                return account.refused(found, refused, again)
        account.warn()
        with screen.progress("leads settled", found.read if found else asked.limit) as advance:
            report = await migrate(
                source, target, policy=policy, limit=asked.limit, concurrency=asked.concurrency,
                found=found, on_row=Counting(advance), halt=halt,
            )  # fmt: skip
        return account.end(report)


def _refuse_the_same(source: AsyncConnection, target: AsyncConnection) -> None:
    ours, theirs = source.opened.adapter, target.opened.adapter
    if source.name == target.name or (
        ours.vendor == theirs.vendor and ours.settings == theirs.settings
    ):
        raise ConfigError("--from and --to are the same connection: there is nothing to move.")
