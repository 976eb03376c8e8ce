import sys
from pathlib import Path

import pytest
from tests.plugins.distributions import lay_out

from leadgateway.plugins import Plugins

TINYCRM = Path(__file__).with_name("tinycrm") / "leadgateway_tinycrm.py"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install distributions for the time of a test; what they import is forgotten after it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def add(name, entry_points, **modules):
        lay_out(tmp_path, name, entry_points, modules)

    yield add
    for module in set(sys.modules) - before:
        if Path(getattr(sys.modules[module], "__file__", None) or "/").parent == tmp_path:
            del sys.modules[module]


@pytest.fixture
def installed():
    """Return what is found now; the environment is empty unless given."""
    return lambda **environ: Plugins.installed(environ)


@pytest.fixture
def tinycrm():
    return TINYCRM.read_text("utf-8")
