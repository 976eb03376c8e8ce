"""One line a lead: complete, in order, and harmless wherever it is opened."""

import csv
import io
import json

from leadgateway.report import csv_lines, json_lines
from leadgateway.report.lines import COLUMNS

EVIL = "=cmd()|'/C calc'!A1\x1b[31m<script>alert(1)</script>"


def test_json_lines_hold_every_lead_with_its_outcome_in_order(journal):
    rows = [json.loads(line) for line in json_lines(journal, "old-to-new")]
    assert [row["outcome"] for row in rows] == [
        "created", "merged", "skipped", "failed", "unknown", "failed",
    ]  # fmt: skip
    assert set(rows[0]) == set(COLUMNS)
    assert rows[0]["losses"][0]["path"] == "company.name"
    assert rows[1]["matched_by"] == "email"
    assert rows[5]["source_id"] == EVIL


def test_csv_has_the_same_leads_and_a_header(journal):
    rows = list(csv.reader(io.StringIO("".join(csv_lines(journal, "old-to-new")))))
    assert rows[0] == list(COLUMNS)
    assert [row[1] for row in rows[1:]] == [
        "created", "merged", "skipped", "failed", "unknown", "failed",
    ]  # fmt: skip
    assert rows[1][5] == "company.name dropped (no_such_field); phones normalized (e164)"


def test_no_csv_cell_starts_a_formula_or_moves_a_cursor(journal):
    rows = list(csv.reader(io.StringIO("".join(csv_lines(journal, "old-to-new")))))
    cells = [cell for row in rows[1:] for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert not any("\x1b" in cell for cell in cells)
    assert rows[3][4] == "'-not wanted"
    assert rows[6][0].startswith("'=cmd()")
    assert "\\x1b[31m" in rows[6][0]
