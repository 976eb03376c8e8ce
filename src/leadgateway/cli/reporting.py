"""What `leadgateway report` writes, in each of its forms."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.proving import proved
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run
from leadgateway.cli.showing import show_certificate
from leadgateway.cli.writing import write_text
from leadgateway.journal import JobRecord, Journal
from leadgateway.report import csv_lines, json_lines, page
from leadgateway.transfer.certificate import Certificate, certify


def write_report(
    invocation: Invocation,
    journal: Journal,
    job: JobRecord,
    form: str,
    output: Path | None,
    *,
    verify: bool,
) -> int:
    """Write the account of `job` to a file, or to stdout; returns the exit code."""
    holds = not verify or run(proved(invocation, Screen(), journal, job)).holds
    if form == "table" and output is None:
        show_certificate(Screen(), certify(journal, job.id))
    else:
        _write(output, _text(journal, job, form, lambda: certify(journal, job.id)))
    return 0 if holds else 1


def _write(output: Path | None, text: Iterable[str]) -> None:
    if output is not None:
        write_text(output, text)
        return
    for part in text:
        click.echo(part, nl=False)


def _text(
    journal: Journal, job: JobRecord, form: str, certificate: Callable[[], Certificate]
) -> Iterable[str]:
    if form == "jsonl":
        return json_lines(journal, job.id)
    if form == "csv":
        return csv_lines(journal, job.id)
    if form == "table":
        return [_table(certificate())]
    if form == "html":
        return [page(certificate(), journal.activity(job.id))]
    return [certificate().text()]


def _table(certificate: Certificate) -> str:
    with redirect_stdout(io.StringIO()) as text:
        show_certificate(Screen(), certificate)
    return text.getvalue()
