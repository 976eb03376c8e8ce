"""Which client carries a connection: what the settings name, else what is installed."""

import sys

import pytest

from leadgateway.drivers.aiohttp import AiohttpDriver
from leadgateway.drivers.choose import async_driver_for, driver_for
from leadgateway.drivers.httpx import AsyncHttpxDriver, HttpxDriver
from leadgateway.errors import ConfigError
from leadgateway.settings import Settings


def settings(**options):
    return Settings.of({"token": "t", "base_url": "https://vendor.example", **options})


def test_what_is_not_named_is_aiohttp_for_async_connections_and_httpx_for_the_others():
    assert isinstance(async_driver_for(settings(), 4), AiohttpDriver)
    assert isinstance(driver_for(settings(), 4), HttpxDriver)


def test_without_aiohttp_it_is_httpx(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert isinstance(async_driver_for(settings(), 4), AsyncHttpxDriver)
    with pytest.raises(ConfigError, match=r"leadgateway\[fast\]"):
        async_driver_for(settings(client="aiohttp"), 4)


@pytest.mark.parametrize("client", ["httpx", "httpx2"])
def test_a_client_that_is_named_switches_aiohttp_off(client):
    asynchronous = async_driver_for(settings(client=client), 4)
    assert isinstance(asynchronous, AsyncHttpxDriver)
    assert asynchronous._client.name == client
    assert driver_for(settings(client=client), 4)._client.name == client


def test_aiohttp_carries_no_sync_connection_and_says_so():
    assert isinstance(async_driver_for(settings(client="aiohttp"), 4), AiohttpDriver)
    with pytest.raises(ConfigError, match="async connections only"):
        driver_for(settings(client="aiohttp"), 4)


def test_the_drivers_get_what_the_settings_say():
    driver = async_driver_for(settings(deadline=7.5, proxy="http://127.0.0.1:1"), 4)
    assert (driver._deadline, driver._proxy, driver._places._value) == (
        7.5,
        "http://127.0.0.1:1",
        4,
    )


def test_an_unknown_client_is_refused_by_name():
    with pytest.raises(ConfigError, match="client"):
        settings(client="requests")
