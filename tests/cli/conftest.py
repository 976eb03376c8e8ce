"""The command line in this process, and simulators to point it at."""

import json
from contextlib import ExitStack

import pytest
from click.testing import CliRunner
from tests.transfer.sites import Sites

from leadgateway.cli import main
from leadgateway.journal.opening import open_journal


@pytest.fixture
def run():
    """Run the command line with these words; returns click's result."""

    def invoke(*words, code=0, **options):
        found = CliRunner().invoke(main, [str(word) for word in words], **options)
        assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
        return found

    return invoke


@pytest.fixture
def told(run):
    """Run the command line with `--json`; returns what it tells."""

    def invoke(*words, code=0):
        return json.loads(run(*words, "--json", code=code).stdout)

    return invoke


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder and an environment that configure nothing; journals go there too."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "PLUGINS", "BLOCK", "JOURNAL"):
        monkeypatch.delenv(f"LEADGATEWAY_{name}", raising=False)
    return tmp_path


@pytest.fixture
def journal(elsewhere):
    """The journal that commands make here, for tests that look into it; it must be there."""
    opened = []

    def look():
        opened.append(open_journal(elsewhere / ".leadgateway" / "journal.db"))
        return opened[-1]

    yield look
    for each in opened:
        each.close()


@pytest.fixture
def sites():
    with ExitStack() as stack:
        yield Sites(stack)


@pytest.fixture
def saved(tmp_path):
    """Keep a site's settings in a file; returns the @FILE that is the connection."""

    def save(site, **terms):
        file = tmp_path / f"{site.vendor}.json"
        # A write in doubt is looked for at once: simulators list what they store.
        file.write_text(json.dumps({**site.running.settings, "settle_seconds": 0, **terms}))
        return f"@{file.name}"

    return save


@pytest.fixture
def pair(sites, saved):
    """Forty leads in one simulator, none in the other, and the words that move them."""
    source, target = sites.start("apollo_space", leads=40), sites.start("v1_leads")
    return source, target, ["migrate", "--from", saved(source), "--to", saved(target)]
