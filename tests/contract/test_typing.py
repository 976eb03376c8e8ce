"""What a user's own type checker says of a program over `leadgateway`, without any plugin."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import leadgateway.lead
from leadgateway import Lead

PROGRAM = """
from decimal import Decimal

import leadgateway
from leadgateway import Lead, PersonName, Receipt

ana = Lead(name="Ana Souza", email="ANA@Example.com", phone="(11) 96123-4567", status="qualified")
whole = Lead(
    ref={"vendor": "acme", "connection": "here", "id": "7"},
    name=PersonName(full="Ana"),
    emails=["ana@example.com"],
    value={"amount": Decimal("1.50")},
    custom={"a": 1},
    created_at="2026-03-01T09:30:00Z",
    notes=None,
    raw={"id": 7},
)
changed: Lead = ana.model_copy(update={"score": 80})
dropped: tuple[str, ...] = leadgateway.fidelity("novala", "mega").of("dropped")
with leadgateway.connect("novala", token="t", tenant="acme") as old:
    made: list[Receipt] = old.create_many(old.list_leads())
    more: list[Receipt] = old.create_many(lead for lead in [ana, whole])
Lead(nmae="Ana")  # type: ignore[call-arg]
Lead(score="80")  # type: ignore[arg-type]
"""


def test_a_program_passes_a_strict_type_checker(tmp_path: Path, request: pytest.FixtureRequest):
    """Each error that is to be ignored must be one, or the checker complains of that."""
    cache = request.config.cache
    assert cache is not None
    (tmp_path / "program.py").write_text(PROGRAM)
    options = ["--strict", "--config-file=", f"--cache-dir={cache.mkdir('mypy')}"]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "program.py"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        text=True,
        timeout=300,
    )
    assert checked.stdout.startswith("Success"), checked.stdout + checked.stderr


def test_a_lead_is_typed_with_every_field_and_its_plain_input():
    tree = ast.parse(inspect.getsource(leadgateway.lead))
    [init] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    ]
    assert {each.arg for each in init.args.kwonlyargs} == {*Lead.model_fields, "email", "phone"}
