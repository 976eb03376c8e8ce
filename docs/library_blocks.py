# ruff: noqa: INP001  # a script's neighbour, no package
"""What the library itself declares: vocabularies, errors, hooks, calls, commands."""

from __future__ import annotations

import inspect
import re
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
from markdown_tables import code, table

from leadgateway import errors, events, hookspecs
from leadgateway.cli import main as command_line
from leadgateway.gateway import Connection
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus


def vocabularies() -> str:
    """Return the canonical vocabularies."""
    kinds = (LeadStatus, LeadSource, CaptureMethod)
    return table(["vocabulary", "values"], ([f"`{kind.__name__}`", code(kind)] for kind in kinds))


def error_tree() -> str:
    """Return every error with its recovery and exit code."""
    rows: list[list[str]] = []

    def visit(kind: type[errors.LeadGatewayError], depth: int) -> None:
        name = "&nbsp;" * 4 * depth + f"`{kind.__name__}`"
        rows.append([name, str(kind.recovery), str(kind.exit_code), _summary(kind)])
        for child in kind.__subclasses__():
            if child.__module__ == errors.__name__:
                visit(child, depth + 1)

    visit(errors.LeadGatewayError, 0)
    return table(["error", "recovery", "exit code", "meaning"], rows)


def _summary(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def hooks() -> str:
    """Return every hook with its signature."""
    found = [hook for name, hook in vars(hookspecs).items() if name.startswith("leadgateway_")]
    return table(["hook", "what it is"], ([_signature(hook), _summary(hook)] for hook in found))


def _signature(function: Any, name: str | None = None) -> str:
    """Return a call as it is written: names, kinds and types, without the receiver."""
    signature = inspect.signature(function)
    kept = [p for p in signature.parameters.values() if p.name != "self"]
    text = f"{name or function.__name__}{signature.replace(parameters=kept)}"
    text = re.sub(r"Unpack\[(\w+)\]", r"\1", text.replace("'", ""))
    return f"`{text}`"


def announcements() -> str:
    """Return what the announced events hold."""
    kinds = [k for k in vars(events).values() if isinstance(k, type) and is_dataclass(k)]
    return table(
        ["event", "when", "fields"],
        (
            [f"`{kind.__name__}`", _summary(kind), code(f.name for f in fields(kind))]
            for kind in kinds
        ),
    )


def connection() -> str:
    """Return the methods of a connection, in the order of the code."""
    parts = []
    for name, member in vars(Connection).items():
        if name.startswith("_") or not callable(member):
            continue
        promise = "\n\n".join(
            " ".join(part.split()) for part in (inspect.getdoc(member) or "").split("\n\n")
        )
        parts.append(f"**{_signature(member, name)}**\n\n{promise}\n")
    return "\n".join(parts).rstrip()


def commands() -> str:
    """Return the help of every command."""
    parts: list[str] = []

    def visit(command: click.Command, name: str, parent: click.Context | None) -> None:
        width = {"terminal_width": 96, "max_content_width": 96}
        settings = {**command.context_settings, **width}
        context = click.Context(command, info_name=name, parent=parent, **settings)
        help_text = command.get_help(context).rstrip()
        parts.append(f"### `{context.command_path}`\n\n```text\n{help_text}\n```\n")
        if isinstance(command, click.Group):
            for child in command.list_commands(context):
                found = command.get_command(context, child)
                if found is not None:
                    visit(found, child, context)

    visit(command_line, "leadgateway", None)
    return "\n".join(parts).rstrip()


def help_page() -> str:
    """Return the module that holds the program's own help, for terminals of 80 columns or more."""
    context = click.Context(command_line, info_name="leadgateway", terminal_width=78)
    return (
        '"""What `leadgateway --help` prints; written by `python docs/generate.py`."""\n\n'
        f'PAGE = """\\\n{command_line.get_help(context).rstrip()}\n"""\n'
    )


def layers() -> str:
    """Return the layers that CI holds the imports to, from the top."""
    settings = tomllib.loads(
        Path(__file__).parents[1].joinpath("pyproject.toml").read_text("utf-8")
    )
    contracts = settings["tool"]["importlinter"]["contracts"]
    (found,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    rows = (layer.replace("leadgateway.", "").replace(" | ", ", ") for layer in found)
    return "\n".join(("```text", *rows, "```"))
