"""What a test does in a process that was forked from its own."""

import os
import signal

import pytest

FORKS = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),  # a server's threads
]


def forked(what):
    """Return what a child process gets from `what`, a number; 255 if it fails."""
    child = os.fork()
    if not child:
        signal.alarm(20)
        try:
            os._exit(what())
        finally:
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
