"""The command line in this process, and simulators to point it at."""

import json
from contextlib import ExitStack

import pytest
from click.testing import CliRunner
from tests.transfer.sites import Sites

from leadgateway.cli import main


@pytest.fixture
def run():
    """Run the command line with these words; returns click's result."""

    def invoke(*words, code=0, **options):
        found = CliRunner().invoke(main, [str(word) for word in words], **options)
        assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
        return found

    return invoke


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder and an environment that configure nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("LEADGATEWAY_CONFIG", "LEADGATEWAY_PLUGINS", "LEADGATEWAY_BLOCK"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def sites():
    with ExitStack() as stack:
        yield Sites(stack)


@pytest.fixture
def saved(tmp_path):
    """Keep a site's settings in a file; returns the @FILE that is the connection."""

    def save(site, **terms):
        file = tmp_path / f"{site.vendor}.json"
        file.write_text(json.dumps({**site.running.settings, **terms}))
        return f"@{file.name}"

    return save
