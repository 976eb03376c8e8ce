"""What a connection needs to be opened; checked when it is configured, not when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator

from leadgateway.errors import ConfigError
from leadgateway.mapping.terms import Terms
from leadgateway.safety import check_base_url, check_credential, split_url

T = TypeVar("T", bound=Terms)

_DAY = 86_400.0


def _credential(value: Any) -> Any:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if callable(value):
        return value
    if not isinstance(value, str):
        raise ConfigError("token is neither text, a secret nor a callable that returns text.")
    return SecretStr(check_credential("token", value))


Token = Annotated[SecretStr | Callable[..., Any], BeforeValidator(_credential), Field(repr=False)]


class Settings(Terms):
    """The settings every vendor's connection takes; adapters add their own.

    `token` is text, a secret, or a callable without arguments that returns text and is asked again
    when the vendor refuses what it gave; it may be async for async connections. `base_url` is
    https, or http on loopback, or anything with `allow_insecure`. `deadline` bounds a whole
    exchange in seconds, a day at most. No proxy of the environment is used: name one as `proxy`.
    Requests are paced by the vendor's documented quota unless `rate_limits` is off, for a simulator
    or an account whose quota was lifted. `settle_seconds` is how long a look-up that found nothing
    waits before it looks again and is believed. A move fetches by id what the vendor's list leaves
    out, one request a lead, unless `read_whole` is off. `page_size` is how many leads a list is
    asked for at once where a call does not say; without it the vendor's own number holds. `client`
    names the HTTP client; `auto` is aiohttp for async connections where the extra `fast` is
    installed, and httpx otherwise.
    """

    token: Token
    base_url: str
    allow_insecure: bool = False
    deadline: float = Field(default=60.0, gt=0, le=_DAY)
    proxy: str | None = Field(default=None, repr=False)
    rate_limits: bool = True
    settle_seconds: float = Field(default=5.0, ge=0, le=_DAY)
    read_whole: bool = True
    page_size: int | None = Field(default=None, ge=1)
    client: Literal["auto", "httpx", "httpx2", "aiohttp"] = "auto"

    @model_validator(mode="after")
    def _check_where_it_leads(self) -> Self:
        url = check_base_url("base_url", self.base_url, allow_insecure=self.allow_insecure)
        object.__setattr__(self, "base_url", url)
        if self.proxy is not None and split_url(self.proxy) is None:
            raise ConfigError("proxy is no absolute http or https address in plain ASCII.")
        return self

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return settings from `values`; whatever is wrong is a `ConfigError` naming it."""
        return checked(cls, values)

    def credential(self) -> str | Callable[..., Any]:
        """Return the token as text, or the callable that gives it; for the driver only."""
        return self.token.get_secret_value() if isinstance(self.token, SecretStr) else self.token


def checked(kind: type[T], values: Mapping[str, Any]) -> T:
    """Return `kind` made of `values`; whatever is wrong is a `ConfigError` naming it."""
    try:
        return kind(**values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {_without_the_value(fault)}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise ConfigError(f"{faults}. Known settings: {', '.join(kind.model_fields)}.") from None


def _without_the_value(fault: Any) -> str:
    """Return what is wrong without a parser's own words, which quote characters of the value."""
    message: str = fault["msg"]
    return message.removesuffix(f", {fault.get('ctx', {}).get('error')}")
