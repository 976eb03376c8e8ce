"""The command line: `leadgateway`, one module a command group, imported when it runs."""

from leadgateway.cli.app import main

__all__ = ["main"]
