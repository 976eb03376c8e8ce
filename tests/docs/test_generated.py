"""The generated parts of the pages say what the declarations say now."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS, ROOT

from leadgateway import errors, transfer
from leadgateway.gateway import Connection
from leadgateway.lead import Lead
from leadgateway.plugins import Plugins
from leadgateway.settings import Settings
from leadgateway.terms_of_call import Filters, WriteTerms
from leadgateway.transfer import blocking


def _generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(DOCS / "generate.py")
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_generated_parts_are_up_to_date() -> None:
    done = _generate("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stale_part_is_named_and_then_rewritten(tmp_path: Path) -> None:
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("*.py"))
    page = tmp_path / "docs/reference/errors.md"
    current = page.read_text("utf-8")
    page.write_text(current.replace("`NotFound` | skip |", "`NotFound` | retry |"), "utf-8")
    stale = page.read_text("utf-8")
    assert stale != current

    checked = _generate("--check", "--root", str(tmp_path))
    assert (checked.returncode, checked.stdout) == (1, "docs/reference/errors.md\n")
    assert page.read_text("utf-8") == stale

    assert _generate("--root", str(tmp_path)).returncode == 0
    assert page.read_text("utf-8") == current


def test_every_setting_is_explained() -> None:
    text = (DOCS / "reference/settings.md").read_text("utf-8")
    plugins = Plugins.installed()
    kinds = [plugins.adapter(vendor).settings_type for vendor in plugins.vendors()]
    names = {name for kind in (Settings, *kinds) for name in kind.model_fields}
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_every_field_of_a_lead_is_explained() -> None:
    text = (DOCS / "reference/lead.md").read_text("utf-8")
    assert {name for name in Lead.model_fields if f"`{name}`" not in text} == set()


def test_every_call_and_its_terms_are_explained() -> None:
    text = (DOCS / "reference/python-api.md").read_text("utf-8")
    calls = {name for name in vars(Connection) if not name.startswith("_")} - {"opened"}
    words = {*Filters.__annotations__, *WriteTerms.__annotations__}
    assert {name for name in calls if f"`{name}" not in text} == set()
    assert {word for word in words if f"`{word}`" not in text} == set()


def test_every_call_that_moves_leads_is_explained() -> None:
    text = (DOCS / "reference/python-api.md").read_text("utf-8").partition("## Moving leads")[2]
    assert {name for name in transfer.__all__ if f"`{name}" not in text} == set()
    assert set(blocking.__all__) < set(transfer.__all__)


def test_every_exit_code_is_explained() -> None:
    text = (DOCS / "reference/errors.md").read_text("utf-8").partition("## Exit codes")[2]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.LeadGatewayError)}
    assert {code for code in codes if f"| {code} |" not in text} == set()
