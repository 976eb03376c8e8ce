"""The quotas that several processes share, in the tables of the journal that they share."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Final, Protocol, TypeVar, runtime_checkable

from leadgateway.capabilities import Window
from leadgateway.conduct.ledger import Ledger
from leadgateway.conduct.sharing import Drawn, Ended, Share
from leadgateway.journal.database import Database
from leadgateway.journal.statements import NOW

T = TypeVar("T")

_SALT: Final = "salt"

_MAKE: Final = """
    INSERT INTO leadgateway_quotas (name, state) VALUES (:name, :state)
    ON CONFLICT (name) DO NOTHING
"""
# An update and not a query, so that the row is locked before it is read.
_OPEN: Final = """
    UPDATE leadgateway_quotas SET state = state WHERE name = :name RETURNING state
"""
_KEEP: Final = "UPDATE leadgateway_quotas SET state = :state WHERE name = :name"


@runtime_checkable
class SharesQuotas(Protocol):
    """What a journal offers beyond `Journal` if processes that use it may share quotas by it."""

    def quota(self, vendor: str, host: str, credential: str) -> Share:
        """Return the account of whoever uses this credential at this host of the vendor."""


class SharedQuota:
    """A `Share` in the tables of a `Database`, by the clock of the database.

    A commit that was never answered may be done twice: that wastes the permits of one draw.
    """

    def __init__(self, database: Database, vendor: str, host: str, credential: str) -> None:
        self._database = database
        self._told = f"{vendor}\n{host}\n{credential}".encode()
        self._account = ""

    def draw(
        self, bucket: str, windows: tuple[Window, ...], wanted: int, ended: tuple[Ended, ...]
    ) -> Drawn:
        """Return up to `wanted` permits, after taking note of earlier draws that have ended."""
        return self._change(bucket, windows, lambda ledger, now: ledger.draw(wanted, ended, now))

    def silence(self, bucket: str, windows: tuple[Window, ...], seconds: float) -> None:
        """Grant nobody anything for so many seconds."""
        self._change(bucket, windows, lambda ledger, now: ledger.silence(seconds, now))

    def _change(
        self, bucket: str, windows: tuple[Window, ...], change: Callable[[Ledger, float], T]
    ) -> T:
        self._account = self._account or self._database.write(self._fingerprint)
        name = f"{self._account}/{bucket}"

        def work() -> T:
            self._database.run(_MAKE, {"name": name, "state": ""})
            [(text,)] = self._database.run(_OPEN, {"name": name})
            [(now,)] = self._database.run(NOW, {})
            ledger = Ledger.read(text, windows)
            result = change(ledger, float(now))
            self._database.run(_KEEP, {"name": name, "state": ledger.text()})
            return result

        return self._database.write(work)

    def _fingerprint(self) -> str:
        """Return the name of the account, from which nobody learns the credential."""
        self._database.run(_MAKE, {"name": _SALT, "state": secrets.token_hex(32)})
        [(salt,)] = self._database.run(_OPEN, {"name": _SALT})
        return hashlib.blake2b(self._told, key=bytes.fromhex(salt), digest_size=16).hexdigest()
