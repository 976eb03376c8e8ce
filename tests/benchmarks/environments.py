"""The rivals' own virtual environments, made when one is first asked for, and kept."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks import machine
from tests.benchmarks.effort import Effort

REQUIRED = {
    "requests": ("requests>=2.34,<3",),
    "dlt": ("dlt>=1.31,<2",),
    "singer": ("singer-sdk>=0.54,<1", "requests>=2.34,<3"),
    "airbyte": ("airbyte-cdk>=7.39,<8",),
}
_PATIENCE = 600.0


class NotInstalled(Exception):
    """A contender cannot run here; the text says why."""


def python(name: str, effort: Effort) -> Path:
    """The interpreter of a rival's environment; installs it first where it is not there yet."""
    folder = machine.HOME / "environments" / name
    interpreter = folder / "bin" / "python"
    installed = folder / "installed"
    wanted = "\n".join(REQUIRED[name])
    if installed.exists() and installed.read_text() == wanted:
        return interpreter
    if effort.only_installed:
        raise NotInstalled("not installed, and installing was not asked for")
    installed.unlink(missing_ok=True)
    _do(sys.executable, "-m", "venv", "--clear", str(folder))
    _do(str(interpreter), "-m", "pip", "install", "--quiet", *REQUIRED[name])
    installed.write_text(wanted)
    return interpreter


def _do(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)
    except subprocess.SubprocessError as error:
        what = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        last = what.splitlines()[-1] if what else type(error).__name__
        raise NotInstalled(f"could not be installed: {last}") from error
