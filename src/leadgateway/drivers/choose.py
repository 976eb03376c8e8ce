"""Which driver carries the requests of a connection: told by its settings."""

from __future__ import annotations

from leadgateway.drivers.files import AsyncFileDriver, FileDriver
from leadgateway.drivers.httpx import AsyncHttpxDriver, HttpxDriver
from leadgateway.drivers.port import AsyncDriver, Driver
from leadgateway.files.settings import FileSettings
from leadgateway.settings import Settings


def driver_for(settings: Settings, connections: int) -> Driver:
    """Return what answers from the settings' file, or over HTTP on so many connections."""
    if isinstance(settings, FileSettings):
        return FileDriver(settings.file)
    return HttpxDriver(
        settings.client,
        deadline=settings.deadline,
        proxy=settings.proxy,
        connections=connections,
    )


def async_driver_for(settings: Settings, connections: int) -> AsyncDriver:
    """Return what answers from the settings' file, or over HTTP on so many connections."""
    if isinstance(settings, FileSettings):
        return AsyncFileDriver(settings.file)
    return AsyncHttpxDriver(
        settings.client,
        deadline=settings.deadline,
        proxy=settings.proxy,
        connections=connections,
    )
