"""The program: `leadgateway`, or `python -m leadgateway` without its script.

Its version and its own help are printed before anything is imported that takes time.
"""

from __future__ import annotations

import os
import sys

from leadgateway import __version__

_PAGE_WIDTH = 80


def main() -> None:
    """Do what the arguments ask for and exit."""
    match sys.argv[1:]:
        case ["--version"]:
            _answer(f"leadgateway {__version__}\n")
        case ["--help" | "-h"] if _is_wide():
            from leadgateway.help_page import PAGE

            _answer(PAGE)
        case _ if sys.stdout is None:
            _give_up("it is closed")
        case _:
            from leadgateway.cli import main as command_line
            from leadgateway.cli.stdout import guard

            guard()
            command_line(prog_name="leadgateway")


def _is_wide() -> bool:
    """Whether the page as written fits; where the environment has a say, click listens to it."""
    try:
        return "COLUMNS" not in os.environ and os.get_terminal_size().columns >= _PAGE_WIDTH
    except OSError:
        return True


def _answer(text: str) -> None:
    try:
        os.write(1, text.encode())
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        _give_up(str(error.strerror))


def _give_up(why: str) -> None:
    """End, since nothing can be printed."""
    try:
        os.write(2, f"Error: stdout cannot be written: {why}.\n".encode())
    finally:
        sys.exit(2)


if __name__ == "__main__":
    main()
