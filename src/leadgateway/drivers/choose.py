"""Which driver carries the requests of a connection: told by its settings."""

from __future__ import annotations

from leadgateway.drivers.aiohttp import AiohttpDriver, usable
from leadgateway.drivers.httpx import AsyncHttpxDriver, HttpxDriver
from leadgateway.drivers.port import AsyncDriver, Driver
from leadgateway.errors import ConfigError
from leadgateway.files.settings import FileSettings
from leadgateway.settings import Settings


def driver_for(settings: Settings, connections: int) -> Driver:
    """Return what answers from the settings' file, or over HTTP on so many connections."""
    if isinstance(settings, FileSettings):
        from leadgateway.drivers.files import FileDriver

        return FileDriver(settings.file)
    if settings.client == "aiohttp":
        raise ConfigError(
            "client: aiohttp carries async connections only; auto uses it for those and httpx here."
        )
    return HttpxDriver(
        "httpx" if settings.client == "auto" else settings.client,
        deadline=settings.deadline,
        proxy=settings.proxy,
        connections=connections,
    )


def async_driver_for(settings: Settings, connections: int) -> AsyncDriver:
    """Return what answers from the settings' file, or over HTTP on so many connections.

    Where the settings leave the client open it is aiohttp if that is installed, else httpx.
    """
    if isinstance(settings, FileSettings):
        from leadgateway.drivers.files import AsyncFileDriver

        return AsyncFileDriver(settings.file)
    client = settings.client
    if client == "auto":
        client = "aiohttp" if usable() else "httpx"
    if client == "aiohttp":
        return AiohttpDriver(
            deadline=settings.deadline, proxy=settings.proxy, connections=connections
        )
    return AsyncHttpxDriver(
        client,
        deadline=settings.deadline,
        proxy=settings.proxy,
        connections=connections,
    )
