"""Every error leadgateway raises; the engine branches on `recovery`, the CLI on `exit_code`.

LeadGatewayError            recovery   exit
|- ConfigError              abort      2    before any request; names the setting, never its value
|  `- PluginError           abort      2    names the plugin and its distribution
|- Unsupported              abort      2    names the capability that the vendor does not document
|- MappingError             skip       3    field path and reason code
|  |- NormalizationError    skip       3    a text that has no canonical form
|  `- FidelityError         skip       3    a value would not arrive as it left; lists the losses
|- VendorError                              vendor, status, request_id; never a secret or a body
|  |- AuthError             abort      2    after one renewal
|  |- Rejected              skip       3    the vendor refuses this row: field -> reason
|  |- NotFound              skip       3
|  |- RateLimited           retry      75   retry_at
|  |- Unavailable           retry      75   surely not executed, or safe to repeat
|  |- OutcomeUnknown        reconcile  4    a write may have happened
|  `- BadResponse           abort      1    the vendor answered outside its documents
|- UnsafeURL, CursorError   abort      1
|- Paused                   pause      75   until when
`- JournalError             abort      6
   `- JobLocked             abort      5    holder's pid, host, age
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from leadgateway.values import Loss


class Recovery(StrEnum):
    """What the caller can do about an error."""

    RETRY = "retry"
    SKIP = "skip"
    RECONCILE = "reconcile"
    PAUSE = "pause"
    ABORT = "abort"


class LeadGatewayError(Exception):
    """The root: catch this to catch everything leadgateway raises on purpose."""

    recovery: ClassVar[Recovery] = Recovery.ABORT
    exit_code: ClassVar[int] = 1

    @property
    def reason(self) -> LeadGatewayError:
        """What ended the work: the error itself, or that of which it is the consequence."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle what was made, whatever it was made from: it may leave a process."""
        return type(self).__new__, (type(self), *self.args), self.__dict__


class ConfigError(LeadGatewayError):
    """A setting is missing, malformed or unsafe; raised before any request, naming the setting."""

    exit_code = 2


class PluginError(ConfigError):
    """A plugin is broken, misspelt or offers something twice; names it and its distribution."""


class Unsupported(LeadGatewayError):
    """The vendor does not document this power; `capability` names it."""

    exit_code = 2

    def __init__(self, vendor: str, capability: str, hint: str = "") -> None:
        self.vendor = vendor
        self.capability = capability
        super().__init__(
            f"{vendor} documents no {capability!r}" + (f": {hint}" if hint else "") + "."
        )


class MappingError(LeadGatewayError):
    """A value cannot be written as the target wants it; `path` is the field, `code` the reason."""

    recovery = Recovery.SKIP
    exit_code = 3

    def __init__(self, path: str, code: str, hint: str = "") -> None:
        self.path = path
        self.code = code
        super().__init__(f"{path}: {code}" + (f" ({hint})" if hint else ""))


class NormalizationError(MappingError):
    """A text has no canonical form; `code` says why, and the text itself is never quoted."""


class FidelityError(MappingError):
    """Values would be narrowed or dropped and nobody accepted it; nothing was sent."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        paths = sorted({loss.path for loss in losses})
        reasons = "; ".join(sorted(set(map(_told, losses))))
        super().__init__(
            ", ".join(paths), "not_faithful", f"{reasons}. Accept them by name: {','.join(paths)}"
        )


def _told(loss: Loss) -> str:
    why = f"{loss.reason}: {loss.detail}" if loss.detail else loss.reason
    return f"{loss.path} {loss.fidelity} ({why})"


class VendorError(LeadGatewayError):
    """Something between us and a vendor went wrong; safe to print."""

    def __init__(
        self,
        message: str,
        *,
        vendor: str = "",
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        self.vendor = vendor
        self.status = status
        self.request_id = request_id
        where = " ".join(
            part
            for part in (
                vendor,
                f"answered {status}" if status is not None else "",
                f"[request {request_id}]" if request_id else "",
            )
            if part
        )
        super().__init__(f"{where}: {message}" if where else message)


class AuthError(VendorError):
    """The vendor refuses the credential, the tenant or the scope."""

    exit_code = 2


class Rejected(VendorError):
    """The vendor refuses this row; `fields` maps field to reason where the vendor says so."""

    recovery = Recovery.SKIP
    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        vendor: str = "",
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        self.fields = dict(fields or {})
        super().__init__(message, vendor=vendor, status=status, request_id=request_id)


class NotFound(VendorError):
    """The record does not exist, or belongs to another tenant."""

    recovery = Recovery.SKIP
    exit_code = 3


class RateLimited(VendorError):
    """The quota is used up; `retry_at` is when the vendor said to come back, if it said so."""

    recovery = Recovery.RETRY
    exit_code = 75

    def __init__(
        self,
        message: str,
        *,
        retry_at: datetime | None = None,
        vendor: str = "",
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        self.retry_at = retry_at
        super().__init__(message, vendor=vendor, status=status, request_id=request_id)


class Unavailable(VendorError):
    """No answer, but surely nothing was executed, or it is safe to repeat."""

    recovery = Recovery.RETRY
    exit_code = 75


class OutcomeUnknown(VendorError):
    """A write left and no trustworthy answer came back: it may or may not have happened.

    `refusal` is what the vendor said when it was sent again, which says nothing of the first time.
    """

    recovery = Recovery.RECONCILE
    exit_code = 4

    def __init__(
        self,
        message: str,
        *,
        vendor: str = "",
        status: int | None = None,
        request_id: str | None = None,
        refusal: VendorError | None = None,
    ) -> None:
        self.refusal = refusal
        super().__init__(message, vendor=vendor, status=status, request_id=request_id)

    @property
    def reason(self) -> LeadGatewayError:
        return self.refusal or self


class BadResponse(VendorError):
    """The vendor answered outside its documents."""


def meaning(status: int, *, reading: bool) -> type[VendorError] | None:
    """Return the error that HTTP means by `status`; `None` where it means none."""
    if status in {401, 402, 403}:
        return AuthError
    if status in {404, 410}:
        return NotFound
    if status == 429:
        return RateLimited
    if status >= 500 or status in {408, 425}:
        return Unavailable if reading else OutcomeUnknown
    return Rejected if 400 <= status < 500 else None


class UnsafeURL(LeadGatewayError):
    """A redirect or link points where our credentials must not go; names scheme and host only."""


class CursorError(LeadGatewayError):
    """A cursor repeats, is too long or holds control characters: following it cannot end well."""


class Paused(LeadGatewayError):
    """The job waits: `until` is when going on makes sense; what was settled stays settled."""

    recovery = Recovery.PAUSE
    exit_code = 75

    def __init__(self, until: datetime, why: str = "") -> None:
        self.until = until
        super().__init__(
            f"the job is paused until {until:%Y-%m-%d %H:%M:%S %Z}"
            + (f": {why}" if why else "")
            + ". Start it again after that: it goes on where it was."
        )


class JournalError(LeadGatewayError):
    """The journal cannot be trusted or written: nothing more is sent."""

    exit_code = 6


class JobLocked(JournalError):
    """Another process works on the job; `pid`, `host` and `age` (seconds) say which.

    So it is for the job that was `wanted` if `job` is another one of the same connections.
    """

    exit_code = 5

    def __init__(
        self, job: str, *, pid: int, host: str, age: float, wanted: str | None = None
    ) -> None:
        self.job = job
        self.pid = pid
        self.host = host
        self.age = age
        self.wanted = job if wanted is None else wanted
        said = (
            f"job {job!r} is being worked on by process {pid} on {host} for {age:.0f} s: wait for "
            "it, or stop it; its hold ends a minute after its death."
        )
        if self.wanted != job:
            said += (
                f" Job {self.wanted!r} is of the same two connections: at the same time both would "
                "create the same leads."
            )
        super().__init__(said)
